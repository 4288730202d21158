/**
 * Ends what each test has begun. Files share the modules that they load (vitest.config.ts), so that a hook in one of those would belong to
 * the first file alone; this one is run anew for every file.
 */
import { afterEach } from "vitest";
import { cleanUp } from "./broker/real.ts";

afterEach(cleanUp);

/** A certificate authority of openssl in a folder of its own: server and client certificates, and a list of revoked ones. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CONFIGURATION = `
[ca]
default_ca = it
[it]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 2
default_crl_days = 2
policy = any
unique_subject = no
copy_extensions = copy
[any]
countryName = optional
organizationName = optional
commonName = supplied
`;

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), "perigee-"));
  readonly caFile = join(this.folder, "ca.pem");

  constructor() {
    writeFileSync(join(this.folder, "ca.cnf"), CONFIGURATION);
    writeFileSync(join(this.folder, "index.txt"), "");
    writeFileSync(join(this.folder, "serial"), "01\n");
    this.#run("req", "-x509", ...KEY, "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem");
  }

  /** Paths of a certificate and its key. */
  issue(name: string, subject: string): { certFile: string; keyFile: string } {
    const alternative = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    this.#run("req", ...KEY, "-subj", subject, ...alternative, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    this.#run("ca", "-batch", "-notext", "-config", "ca.cnf", "-in", `${name}.csr`, "-out", `${name}.pem`);
    return { certFile: join(this.folder, `${name}.pem`), keyFile: join(this.folder, `${name}.key`) };
  }

  /** Path of the list after `names` have been revoked. */
  revoke(...names: string[]): string {
    for (const name of names) this.#run("ca", "-config", "ca.cnf", "-revoke", `${name}.pem`);
    this.#run("ca", "-config", "ca.cnf", "-gencrl", "-out", "crl.pem");
    return join(this.folder, "crl.pem");
  }

  #run(...args: string[]): void {
    const { status, stderr } = spawnSync("openssl", args, { cwd: this.folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
  }
}

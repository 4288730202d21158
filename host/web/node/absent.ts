/**
 * Modules of Node that a page never calls: sockets and files.
 */
export default {};
export const open = undefined;
export const readFile = undefined;
export const rename = undefined;
export const dirname = undefined;

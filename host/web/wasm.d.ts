/** The bundler makes the bytes of a module into part of the script. */
declare module "*.wasm" {
  const bytes: Uint8Array;
  export default bytes;
}

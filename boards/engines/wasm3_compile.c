/*
 * wasm3's compiler for a small stack: build this in place of its m3_compile.c, wherever that stands on the path of includes.
 *
 * It calls itself for each block in a block, three functions and 224 bytes of stack a level on rv32imc, of which two functions
 * need not be ones of their own: declared so before their definitions, they are none even where nothing else is inlined.
 */
#include "m3_compile.h"

__attribute__((always_inline)) M3Result CompileBlockStatements(IM3Compilation o);
static inline __attribute__((always_inline)) M3Result ReadBlockType(IM3Compilation o, IM3FuncType *o_blockType);

#include "m3_compile.c"

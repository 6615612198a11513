/** Code that programs make and describe to debuggers: the JIT compilation interface of GDB, which LLVM and others speak. */
package io.perfagent.runtime.gdbjit;

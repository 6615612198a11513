/** Rules of x86-64 into rows, and what its instructions say where no rule does. */
package io.perfagent.unwind.x86_64;

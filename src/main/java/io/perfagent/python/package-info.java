/** CPython: which processes run it, what may be done to them, and switching the perf trampoline on and off. */
package io.perfagent.python;

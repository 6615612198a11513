/** CPython's objects in the memory of a process: where its fields are by version, its threads, and names and lines of code objects. */
package io.perfagent.runtime.cpython;

package io.perfagent.runtime.cpython;

/** The CPython of a process, or why its frames cannot be read. */
sealed interface PythonResult permits Python, LayoutRefusal {}

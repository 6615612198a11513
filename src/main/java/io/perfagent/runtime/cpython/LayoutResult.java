package io.perfagent.runtime.cpython;

/** Where an interpreter's fields are, or why that is not known. */
public sealed interface LayoutResult permits PythonLayout, LayoutRefusal {}

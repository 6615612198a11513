package io.perfagent.runtime.cpython;

/** What code a frame runs, or why that is not known. */
public sealed interface CodeResult permits CodeObject, CodeMiss {}

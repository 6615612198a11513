package io.perfagent.python;

/**
 * Which CPython a process runs.
 *
 * @param kind how it got there
 * @param path of the file that holds the interpreter, as the process sees it
 * @param version as in {@code 3.13.5}; {@code ""} where it cannot be told
 */
public record PythonBuild(PythonKind kind, String path, String version) {}

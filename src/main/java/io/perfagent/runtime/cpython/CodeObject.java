package io.perfagent.runtime.cpython;

/**
 * What is known of a code object: a function, a class's body, a module.
 *
 * @param name the qualified name; before 3.11 the name alone
 * @param file as its compiler was told
 * @param firstLine of its {@code def}, or of its first decorator
 * @param lines of its instructions
 */
public record CodeObject(String name, String file, int firstLine, LineTable lines) implements CodeResult {}

package io.perfagent.model;

/**
 * A system call that a thread is in.
 *
 * @param name as in {@code futex}
 * @param subject what it waits on, as far as that is certain: {@code fd 5 = socket:[8812]}, an address; {@code ""} where it is not
 */
public record KernelCall(String name, String subject) {}

package io.perfagent.python.inject;

import java.util.function.ToIntFunction;

/**
 * What an architecture's system calls look like to a seccomp filter.
 *
 * @param audit AUDIT_ARCH (linux/audit.h)
 * @param noFollow O_NOFOLLOW
 * @param numbers −1 where it has no such call
 */
public record SystemCalls(int audit, int noFollow, ToIntFunction<NeededCall> numbers) {}

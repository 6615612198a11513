package io.perfagent.symbolize;

import io.perfagent.model.Location;
import java.util.List;

/** Functions of the kernel through which tasks are woken. */
final class WakingCode {
    private static final String WAKES = "try_to_wake_up";

    /** What the kernel enters by an interrupt, of a device, a timer or another processor. */
    private static final List<String> INTERRUPTS =
            List.of("asm_sysvec_", "sysvec_", "asm_common_interrupt", "common_interrupt", "asm_exc_nmi", "exc_nmi");

    private WakingCode() {}

    /** A stack without what runs below the waking: our own program and what calls it. */
    static List<Location> of(List<Location> kernel) {
        for (int at = 0; at < kernel.size(); at++) {
            if (kernel.get(at).innermost().function().equals(WAKES)) {
                return kernel.subList(at, kernel.size());
            }
        }
        return kernel;
    }

    /** Whether an interrupt woke, and not what it hit. An interrupt of software that a system call runs at its end, as sending to this machine does, is that call's. */
    static boolean isInterrupt(List<Location> kernel) {
        return kernel.stream()
                .map(location -> location.innermost().function())
                .anyMatch(function -> INTERRUPTS.stream().anyMatch(function::startsWith));
    }
}

package io.perfagent.python;

import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.aarch64.Aarch64Architecture;
import io.perfagent.python.inject.x86_64.X86Architecture;

/**
 * The architecture of this machine, which is what registers of a stopped thread look like. A target's interpreter must be of the same: one
 * that an emulator runs has a file of another machine mapped, and threads of this one.
 */
final class HostArchitecture {
    private HostArchitecture() {}

    static Architecture current() {
        return named(System.getProperty("os.arch"));
    }

    /** By the name that Java gives it. */
    static Architecture named(String name) {
        return switch (name) {
            case "amd64" -> new X86Architecture();
            case "aarch64" -> new Aarch64Architecture();
            default -> throw new IllegalStateException("no routine is written for " + name);
        };
    }
}

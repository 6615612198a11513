package io.perfagent.python.inject;

import io.perfagent.python.inject.aarch64.Aarch64Architecture;
import io.perfagent.python.inject.x86_64.X86Architecture;
import java.util.ArrayList;
import java.util.List;

/** A processor that routines run on in a test: this one, or an emulated one. */
enum Machine {
    X86_64("amd64", "x86_64", "-no-pie"),
    /** With guarded pages: landing pads are checked (FEAT_BTI). */
    AARCH64("aarch64", "aarch64", "-mbranch-protection=standard");

    private final String javaName;
    private final String name;
    private final String option;

    Machine(String javaName, String name, String option) {
        this.javaName = javaName;
        this.name = name;
        this.option = option;
    }

    Architecture architecture() {
        return switch (this) {
            case X86_64 -> new X86Architecture();
            case AARCH64 -> new Aarch64Architecture();
        };
    }

    List<String> compile(String source, String program) {
        String compiler = isNative() ? "gcc" : name + "-linux-gnu-gcc";
        return List.of(compiler, "-O1", "-static", option, "-Wall", "-Wextra", "-Werror", "-o", program, source);
    }

    List<String> run(String program) {
        List<String> command = new ArrayList<>();
        if (!isNative()) {
            command.addAll(List.of("qemu-" + name + "-static", "-cpu", "max"));
        }
        command.add(program);
        return command;
    }

    private boolean isNative() {
        return System.getProperty("os.arch").equals(javaName);
    }
}

package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Machine numbers: EM_X86_64 and EM_AARCH64 of elf.h. */
final class HostArchitectureTest {
    @Test
    void byTheNameThatJavaGivesIt() {
        assertThat(HostArchitecture.named("amd64").machine()).isEqualTo(62);
        assertThat(HostArchitecture.named("aarch64").machine()).isEqualTo(183);
        assertThatThrownBy(() -> HostArchitecture.named("riscv64")).hasMessageContaining("riscv64");
    }
}

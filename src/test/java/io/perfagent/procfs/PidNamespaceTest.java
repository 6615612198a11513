package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class PidNamespaceTest {
    @Test
    void theInitialOneHasItsInodeOnEveryMachine() throws IOException {
        assertThat(PidNamespace.parse("pid:[4026531836]")).isEqualTo(PidNamespace.INITIAL);
    }

    @Test
    void anyOtherIsKnownByItsInode() throws IOException {
        assertThat(PidNamespace.parse("pid:[4026532201]")).isEqualTo((int) 4026532201L);
    }

    @Test
    void whatIsNoNamespaceIsAnError() {
        assertThatThrownBy(() -> PidNamespace.parse("pid:[x]")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> PidNamespace.parse("/elsewhere")).isInstanceOf(IOException.class);
    }
}

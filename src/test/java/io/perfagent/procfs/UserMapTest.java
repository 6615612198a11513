package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** user_namespaces(7), "User and group ID mappings". */
class UserMapTest {
    @Test
    void theInitialNamespacesRootIsRoot() {
        assertThat(UserMap.root("         0          0 4294967295\n")).isZero();
    }

    @Test
    void aContainersRootIsAnotherUserHere() {
        assertThat(UserMap.root("         0     100000      65536\n")).isEqualTo(100_000);
        assertThat(UserMap.root("         1     200000        999\n         0       1000          1\n"))
                .isEqualTo(1000);
    }

    @Test
    void onlyTheFirstNamespaceHasAllUsers() {
        assertThat(UserMap.coversAll("         0          0 4294967295\n")).isTrue();
        assertThat(UserMap.coversAll("         0     100000      65536\n")).isFalse();
        assertThat(UserMap.coversAll("         0          0          1\n")).isFalse();
        assertThat(UserMap.coversAll("")).isFalse();
        assertThat(UserMap.ofChildNamespace()).isFalse();
    }

    @Test
    void aNamespaceMayHaveNoRoot() {
        assertThat(UserMap.root("      1000       1000          1\n")).isEqualTo(UserMap.NONE);
        assertThat(UserMap.root("")).isEqualTo(UserMap.NONE);
    }
}

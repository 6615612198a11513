package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

final class MountInfoTest {
    @Test
    void aMountIsFoundByItsId() {
        MountInfo mounts = MountInfo.parse("""
                22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
                30 22 0:26 / /my\\040tmp rw,nosuid - tmpfs tmpfs rw,size=4k
                """);
        assertThat(mounts.withId("22")).isEqualTo(new MountInfo.Mount("22", "/", false));
        assertThat(mounts.withId("30")).isEqualTo(new MountInfo.Mount("30", "/my tmp", false));
        assertThat(mounts.withId("31")).isNull();
    }

    @Test
    void readOnlyByTheMountOrByTheFileSystem() {
        String line = "30 22 0:26 / /tmp %s - tmpfs tmpfs %s\n";
        assertThat(readOnly(line.formatted("ro,nosuid", "rw"))).isTrue();
        assertThat(readOnly(line.formatted("rw", "ro"))).isTrue();
        assertThat(readOnly(line.formatted("rw,errors=remount-ro", "rw"))).isFalse();
    }

    @Test
    void whatIsNoMountIsLeftOut() {
        assertThat(MountInfo.parse("\n30 22\nnonsense\n").withId("30")).isNull();
    }

    private static boolean readOnly(String text) {
        return Objects.requireNonNull(MountInfo.parse(text).withId("30")).readOnly();
    }
}

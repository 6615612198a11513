package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.perfagent.model.Cgroup;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Paths as engines make them; the forms are those that their issues and documents show. */
class ProcCgroupTest {
    private static final String ID = "5eed917563583925ffdbd40a64efb2aaffe58638e57add8becaf460fe74f5b1c";
    private static final String OUTER = "89ac90181a86fdea23d87ab993ceb698aa61528123c23135ef43fe5246a1b11e";
    private static final String POD = "a5c1f8d5-1919-434d-add7-4afaafdaef89";
    private static final String SLICE = "poda5c1f8d5_1919_434d_add7_4afaafdaef89.slice";
    private static final String STATIC_POD = "b1e89a2fcc688644de3eb95aee8025ce";

    static List<Arguments> paths() {
        return List.of(
                // docker
                arguments("/docker/" + ID, ID, ""),
                arguments("/system.slice/docker-" + ID + ".scope", ID, ""),
                arguments("/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" + ID + ".scope", ID, ""),
                arguments("/system.slice/docker-" + ID + ".scope/system.slice/containerd.service", ID, ""),
                arguments("/docker/" + OUTER + "/docker/" + ID, ID, ""),
                arguments("/" + ID, ID, ""),
                // containerd: ctr and nerdctl
                arguments("/default/" + ID, ID, ""),
                arguments("/system.slice/nerdctl-" + ID + ".scope", ID, ""),
                // podman, as root and not, with both managers, in a pod
                arguments("/machine.slice/libpod-" + ID + ".scope", ID, ""),
                arguments("/machine.slice/libpod-" + ID + ".scope/container", ID, ""),
                arguments("/libpod_parent/libpod-" + ID, ID, ""),
                arguments("/libpod_parent/libpod-" + ID + "/ctr", ID, ""),
                arguments("/machine.slice/machine-libpod_pod_" + OUTER + ".slice/libpod-" + ID + ".scope", ID, ""),
                arguments(
                        "/user.slice/user-1001.slice/user@1001.service/user.slice/libpod-" + ID + ".scope/container",
                        ID,
                        ""),
                // kubelet with the driver cgroupfs: guaranteed, burstable, best effort, from a file on the node
                arguments("/kubepods/pod" + POD + "/" + ID, ID, POD),
                arguments("/kubepods/burstable/pod" + POD + "/" + ID, ID, POD),
                arguments("/kubepods/besteffort/pod" + POD + "/" + ID, ID, POD),
                arguments("/kubepods/burstable/pod" + STATIC_POD + "/" + ID, ID, STATIC_POD),
                arguments("/kubepods/burstable/pod" + POD + "/crio-" + ID, ID, POD),
                // kubelet with the driver systemd, over containerd, cri-o and docker
                arguments("/kubepods.slice/kubepods-" + SLICE + "/cri-containerd-" + ID + ".scope", ID, POD),
                arguments(
                        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" + SLICE + "/crio-" + ID
                                + ".scope",
                        ID,
                        POD),
                arguments(
                        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-" + SLICE + "/docker-" + ID
                                + ".scope",
                        ID,
                        POD),
                arguments(
                        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + STATIC_POD + ".slice/crio-"
                                + ID + ".scope/container",
                        ID,
                        STATIC_POD),
                // containerd for cgroupfs under a kubelet for systemd
                arguments("/kubepods-besteffort-" + SLICE + ":cri-containerd:" + ID, ID, POD),
                arguments(
                        "/system.slice/containerd.service/kubepods-besteffort-" + SLICE + ":cri-containerd:" + ID,
                        ID,
                        POD),
                // kubelet with a root of its own, as in kind, there within a container
                arguments("/kubelet/kubepods/burstable/pod" + POD + "/" + ID, ID, POD),
                arguments(
                        "/docker/" + OUTER + "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
                                + "kubelet-kubepods-burstable-" + SLICE + "/cri-containerd-" + ID + ".scope",
                        ID,
                        POD),
                // seen from within a cgroup namespace
                arguments("/../../kubepods-besteffort-" + SLICE + "/docker-" + ID + ".scope", ID, POD),
                arguments("/../../pod" + POD + "/" + ID, ID, POD),
                arguments("/../" + ID, ID, ""),
                // Amazon ECS, on machines and on Fargate
                arguments("/ecs/7ba4d65a5d0b4b3a8b4d1a7d6d5e7f21/" + ID, ID, ""),
                arguments(
                        "/ecs/7ba4d65a5d0b4b3a8b4d1a7d6d5e7f21/7ba4d65a5d0b4b3a8b4d1a7d6d5e7f21-3935363592",
                        "7ba4d65a5d0b4b3a8b4d1a7d6d5e7f21-3935363592",
                        ""),
                // monitors stay outside of the container that they watch
                arguments("/system.slice/crio-conmon-" + ID + ".scope", "", ""),
                arguments("/machine.slice/libpod-conmon-" + ID + ".scope", "", ""),
                arguments("/kubepods.slice/kubepods-" + SLICE + "/crio-conmon-" + ID + ".scope", "", POD),
                // no container
                arguments("/", "", ""),
                arguments("/init.scope", "", ""),
                arguments("/system.slice/containerd.service", "", ""),
                arguments("/system.slice/nginx.service", "", ""),
                arguments("/user.slice/user-1000.slice/session-2.scope", "", ""),
                arguments("/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-a.scope", "", ""),
                arguments("/kubepods.slice/kubepods-burstable.slice", "", ""),
                arguments("/build/4f797c539e6c745de61a93ca3ff892358ecbcacc", "", ""));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void pathsOfEngines(String path, String containerId, String podUid) {
        Cgroup expected = new Cgroup(path, containerId, podUid);
        assertThat(ProcCgroup.parse("0::" + path + "\n")).isEqualTo(expected);
        assertThat(ProcCgroup.parse("2:cpuacct,cpu:" + path + "\n1:name=systemd:/\n0::/\n"))
                .isEqualTo(path.equals("/") ? new Cgroup("/", "", "") : expected);
    }

    /** Version 2 is there and empty, and one controller of version 1 has a cgroup of its own. */
    @Test
    void theLineThatTellsMost() {
        String service = "/system.slice/shop.service";
        assertThat(ProcCgroup.parse("3:files:/\n2:memory:/docker/" + ID + "\n1:name=systemd:" + service + "\n0::/\n"))
                .isEqualTo(new Cgroup("/docker/" + ID, ID, ""));
        assertThat(ProcCgroup.parse("2:memory:/own\n1:name=systemd:" + service + "\n0::/\n")
                        .path())
                .isEqualTo(service);
        assertThat(ProcCgroup.parse("2:memory:/own\n1:name=systemd:/a\n0::" + service + "\n")
                        .path())
                .isEqualTo(service);
    }

    @Test
    void aCgroupThatWasRemovedKeepsItsName() {
        assertThat(ProcCgroup.parse("0::/docker/" + ID + " (deleted)\n"))
                .isEqualTo(new Cgroup("/docker/" + ID, ID, ""));
    }

    @Test
    void namesMayHoldColonsAndNothingThatMovesACursor() {
        assertThat(ProcCgroup.parse("0::/a:b\u001b[2J\u0007\n").path()).isEqualTo("/a:b?[2J?");
    }

    @Test
    void whatIsNoLineIsLeftOut() {
        assertThat(ProcCgroup.parse("")).isEqualTo(Cgroup.UNKNOWN);
        assertThat(ProcCgroup.parse("nonsense\n0:\n")).isEqualTo(Cgroup.UNKNOWN);
    }

    @Test
    void ofAProcessThatHasEndedNothingIsKnown() {
        assertThat(ProcCgroup.read(Integer.MAX_VALUE)).isEqualTo(Cgroup.UNKNOWN);
    }
}

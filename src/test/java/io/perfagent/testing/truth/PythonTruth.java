package io.perfagent.testing.truth;

import io.perfagent.output.proto.ProfileProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What is known by construction of the stacks of a workload: functions, files and lines of the whole chain from its leaf outwards. */
public final class PythonTruth {
    private final List<Chain> chains;
    private final int minor;

    private PythonTruth(List<Chain> chains, int minor) {
        this.chains = chains;
        this.minor = minor;
    }

    /** Reads the marks of a workload, for an interpreter 3.{@code minor}. */
    public static PythonTruth of(Path workload, int minor) throws IOException {
        return new PythonTruth(new Source(workload).chains(minor), minor);
    }

    /** Compares the samples of a process. */
    public Verdict judge(ProfileProto.Profile profile, int pid) {
        Call.Index index = new Call.Index(profile);
        Verdict.Count count = new Verdict.Count();
        for (ProfileProto.Sample sample : profile.getSampleList()) {
            if (isOf(pid, sample, index)) {
                judge(Call.of(sample, index), sample.getValue(0), count);
            }
        }
        return count.verdict();
    }

    private void judge(List<Call> calls, long samples, Verdict.Count count) {
        int leaf = leaf(calls);
        if (leaf < 0) {
            count.without(calls, samples);
            return;
        }
        List<Call> outwards = calls.subList(leaf, calls.size());
        Chain.Comparison best = new Chain.Comparison(0, "", true);
        for (Chain chain : chains) {
            Chain.Comparison comparison = chain.compare(outwards, leaf == 0, minor);
            if (comparison.right()) {
                count.right(samples);
                return;
            }
            best = best.or(comparison);
        }
        count.fault(outwards, best, samples);
    }

    /** The innermost call of a function that a chain begins with; -1 where there is none. */
    private int leaf(List<Call> calls) {
        for (int at = 0; at < calls.size(); at++) {
            for (Chain chain : chains) {
                if (chain.leaf().isFunction(calls.get(at), minor)) {
                    return at;
                }
            }
        }
        return -1;
    }

    private static boolean isOf(int pid, ProfileProto.Sample sample, Call.Index index) {
        return sample.getLabelList().stream()
                .anyMatch(label -> index.text(label.getKey()).equals("pid") && label.getNum() == pid);
    }
}

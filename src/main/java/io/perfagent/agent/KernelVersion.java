package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.report.Quoted;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A kernel's version, of a release such as {@code 6.1.0-18-amd64}. */
record KernelVersion(int major, int minor) {
    private static final Pattern RELEASE = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\b.*", Pattern.DOTALL);

    /** Walking a stack takes a loop without a fixed bound: {@code bpf_loop} came with 5.17. */
    private static final KernelVersion BPF_LOOP = new KernelVersion(5, 17);

    static KernelVersion parse(String release) throws CannotStartException {
        Matcher matcher = RELEASE.matcher(release);
        if (!matcher.matches()) {
            throw new CannotStartException("cannot read the kernel's version from " + Quoted.of(release));
        }
        return new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    void requireBpfLoop() throws CannotStartException {
        if (major < BPF_LOOP.major || (major == BPF_LOOP.major && minor < BPF_LOOP.minor)) {
            throw new CannotStartException("Linux " + major + "." + minor
                    + " has no bpf_loop, which walking stacks in the kernel needs: Linux 5.17 or later does");
        }
    }
}

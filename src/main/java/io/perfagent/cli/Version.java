package io.perfagent.cli;

import io.perfagent.report.Release;
import picocli.CommandLine.IVersionProvider;

/** The answer to {@code --version}. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"perf-agent " + Release.version()};
    }
}

package io.perfagent.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which perf-agent this is. */
public final class Release {
    private static final String VERSION = read();

    private Release() {}

    /** The version that the build gave it, such as {@code 0.1.0}. */
    public static String version() {
        return VERSION;
    }

    private static String read() {
        try (InputStream text = Release.class.getResourceAsStream("release.properties")) {
            Properties properties = new Properties();
            properties.load(text);
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

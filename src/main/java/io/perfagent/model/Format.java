package io.perfagent.model;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a profile is written as. The name of a file says it by how it ends. */
public enum Format {
    /** What {@code go tool pprof} reads. */
    PPROF("pprof", ".pb.gz", "\\.pb\\.gz$"),
    /** A page with a flame graph, in one file, for a browser. */
    HTML("html", ".html", "\\.html?$"),
    /** A stack a line, as flame graphs are drawn of. */
    FOLDED("folded", ".folded", "\\.(folded|collapsed|txt)$"),
    /** What <a href="https://www.speedscope.app">speedscope.app</a> reads. */
    SPEEDSCOPE("speedscope", ".speedscope.json", "\\.speedscope\\.json$"),
    /** What <a href="https://profiler.firefox.com">profiler.firefox.com</a> reads: samples on a time line. */
    FIREFOX("firefox", ".firefox.json.gz", "\\.firefox\\.json\\.gz$"),
    /** What {@code perf script} and {@code perf report} read. */
    PERF("perf", ".perf.data", "(^|[./])perf\\.data$");

    private final String label;
    private final String extension;
    private final Pattern extensions;

    Format(String label, String extension, String extensions) {
        this.label = label;
        this.extension = extension;
        this.extensions = Pattern.compile(extensions, Pattern.CASE_INSENSITIVE);
    }

    /** Whether its reader can leave out the interpreter's frames, and does so unless told otherwise. */
    public boolean foldsByItself() {
        return this == HTML;
    }

    /** Whether it shows when each sample was taken. */
    public boolean needsTimes() {
        return this == FIREFOX || this == PERF;
    }

    /** What users call it. */
    public String label() {
        return label;
    }

    /** That of files whose names we choose. */
    public String extension() {
        return extension;
    }

    /** Null where no format is called so. */
    public static @Nullable Format labelled(String label) {
        for (Format format : values()) {
            if (format.label.equals(label)) {
                return format;
            }
        }
        return null;
    }

    /** That of a file; null where its name tells none. */
    public static @Nullable Format ofFile(String name) {
        for (Format format : values()) {
            if (!format.endOf(name).isEmpty()) {
                return format;
            }
        }
        return null;
    }

    /** What a file's name ends in, as it is written there; empty where it tells no format. */
    public static String extensionOf(String name) {
        Format format = ofFile(name);
        return format == null ? "" : format.endOf(name);
    }

    private String endOf(String name) {
        Matcher end = extensions.matcher(name);
        return end.find() ? end.group() : "";
    }
}

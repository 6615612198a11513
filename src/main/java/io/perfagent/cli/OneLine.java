package io.perfagent.cli;

/** What the user typed, fit to be repeated in a message of one line. */
final class OneLine {
    private OneLine() {}

    static String of(String text) {
        String visible = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return visible.isEmpty() ? "''" : visible;
    }
}

package io.perfagent.report;

import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Flat objects as JSON (RFC 8259), in ASCII: text of others cannot leave its quotes, nor depend on the terminal's encoding. */
public final class Json {
    private Json() {}

    /** An object of strings, numbers, booleans and nulls. */
    public static String object(Map<String, @Nullable Object> fields) {
        StringJoiner object = new StringJoiner(", ", "{", "}");
        fields.forEach((name, value) -> object.add(string(name) + ": " + value(value)));
        return object.toString();
    }

    private static String value(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Number number -> number.toString();
            case Boolean truth -> truth.toString();
            default -> string(value.toString());
        };
    }

    static String string(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int index = 0; index < text.length(); index++) {
            char c = text.charAt(index);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                default -> quoted.append(c >= ' ' && c < 0x7f ? String.valueOf(c) : String.format("\\u%04x", (int) c));
            }
        }
        return quoted.append('"').toString();
    }
}

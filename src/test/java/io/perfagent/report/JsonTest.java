package io.perfagent.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Expected values by the grammar of RFC 8259. */
final class JsonTest {
    @Test
    void valuesByKind() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("pid", 7);
        fields.put("comm", "sh");
        fields.put("set_up_before", true);
        fields.put("reason", null);
        assertThat(Json.object(fields))
                .isEqualTo("{\"pid\": 7, \"comm\": \"sh\", \"set_up_before\": true, \"reason\": null}");
    }

    @Test
    void nothingLeavesItsQuotes() {
        assertThat(Json.string("a\"b\\c\nd\te")).isEqualTo("\"a\\\"b\\\\c\\nd\\te\"");
        assertThat(Json.string("\033[2J\0\177")).isEqualTo("\"\\u001b[2J\\u0000\\u007f\"");
        assertThat(Json.string("é\uD83D\uDE00\u202E")).isEqualTo("\"\\u00e9\\ud83d\\ude00\\u202e\"");
    }
}

package io.perfagent.view;

import io.perfagent.model.Output;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a profile, or two of them, are to be looked at.
 *
 * @param sampleType the type of the values that count; null for the one that the profile wants shown
 * @param sort what comes first
 * @param limit rows at most, 0 for all
 * @param lines each line of a function by itself
 * @param kind of text
 * @param focus only stacks in which a function's name or file has this; null for all
 * @param ignore without stacks in which one has this; null for none
 * @param foldPython without the interpreter's own frames between Python functions
 * @param outputs files instead of text; may be empty
 */
public record ViewRequest(
        @Nullable String sampleType,
        Sort sort,
        int limit,
        boolean lines,
        Kind kind,
        @Nullable Pattern focus,
        @Nullable Pattern ignore,
        boolean foldPython,
        List<Output> outputs) {
    /** What is shown. */
    public enum Kind {
        /** Functions, and what each took. */
        TABLE,
        /** Who calls whom. */
        TREE,
        /** Who waited, and who ended that. */
        WAKERS
    }
}

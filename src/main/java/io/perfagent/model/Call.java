package io.perfagent.model;

/**
 * A function that runs or calls.
 *
 * @param function its name, of Python functions the qualified one where that is known; never empty
 * @param symbol the name as the symbol table has it: the function's, with what the compiler put behind it where it made several;
 *     of Python functions the name of the code
 * @param file source file as the code names it, relative or {@code <string>} too; {@code ""} where unknown
 * @param line that runs or calls, from 1; 0 where unknown
 * @param startLine first line of the function, from 1; 0 where unknown
 */
public record Call(String function, String symbol, String file, int line, int startLine) {
    /** A function whose symbol is its name, without lines. */
    public Call(String function, String file) {
        this(function, file, 0, 0);
    }

    /** A function whose symbol is its name. */
    public Call(String function, String file, int line, int startLine) {
        this(function, function, file, line, startLine);
    }

    /** A function of which no more is known than a symbol, which may say more than its name. */
    public static Call ofSymbol(String function, String symbol) {
        return new Call(function, symbol, "", 0, 0);
    }
}

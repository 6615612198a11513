package io.perfagent.top;

/** What the user wants to see. Of the thread that draws. */
final class Settings {
    /** What a key asks for that is more than another look at the same. */
    enum Wish {
        NOTHING,
        QUIT,
        PAGE,
        RESET,
        REDRAW
    }

    /** What covers the table. */
    enum Sheet {
        NONE,
        HELP,
        LOSSES
    }

    private static final int MOST_FILTER_CHARS = 100;

    Grouping grouping = Grouping.FUNCTIONS;
    Order order = Order.SELF;
    Span span = Span.TEN_SECONDS;
    Sheet sheet = Sheet.NONE;
    /** Functions of all kinds, each by itself, and not Python's with the C that they call. */
    boolean allCode;

    boolean paused;
    boolean typing;
    String filter = "";
    int scroll;
    int page = 1;

    /** Takes a key. */
    Wish press(int key) {
        if (typing) {
            return type(key);
        }
        if (sheet != Sheet.NONE && key != Keys.INTERRUPT) {
            sheet = Sheet.NONE; // any key takes it away
            return Wish.NOTHING;
        }
        return command(key);
    }

    private Wish command(int key) {
        switch (key) {
            case 'q', Keys.INTERRUPT -> {
                return Wish.QUIT;
            }
            case 'd' -> {
                return Wish.PAGE;
            }
            case 'r' -> {
                return Wish.RESET;
            }
            case Keys.REDRAW -> {
                return Wish.REDRAW;
            }
            case 'f' -> group(Grouping.FUNCTIONS);
            case 'l' -> group(Grouping.LINES);
            case 't' -> group(Grouping.THREADS);
            case Keys.TAB -> group(Grouping.values()[(grouping.ordinal() + 1) % Grouping.values().length]);
            case 's' -> order = order.next();
            case 'w' -> span = span.next();
            case 'c' -> allCode = !allCode;
            case 'p', ' ' -> paused = !paused;
            case '/' -> typing = true;
            case 'h', '?' -> sheet = Sheet.HELP;
            case 'i' -> sheet = Sheet.LOSSES;
            case Keys.ESCAPE -> filter = "";
            default -> scroll(key);
        }
        return Wish.NOTHING;
    }

    private void group(Grouping wanted) {
        grouping = wanted;
        scroll = 0;
    }

    private void scroll(int key) {
        scroll = switch (key) {
            case Keys.UP -> scroll - 1;
            case Keys.DOWN -> scroll + 1;
            case Keys.PAGE_UP -> scroll - page;
            case Keys.PAGE_DOWN -> scroll + page;
            case Keys.HOME -> 0;
            case Keys.END -> Integer.MAX_VALUE / 2;
            default -> scroll;
        };
        scroll = Math.max(0, scroll);
    }

    private Wish type(int key) {
        switch (key) {
            case Keys.INTERRUPT -> {
                return Wish.QUIT;
            }
            case Keys.ENTER -> typing = false;
            case Keys.ESCAPE -> {
                typing = false;
                filter = "";
            }
            case Keys.BACKSPACE ->
                filter = filter.isEmpty() ? "" : filter.substring(0, filter.offsetByCodePoints(filter.length(), -1));
            default -> {
                if (key >= ' ' && key <= Character.MAX_CODE_POINT && filter.length() < MOST_FILTER_CHARS) {
                    filter += Character.toString(key);
                }
            }
        }
        scroll = 0;
        return Wish.NOTHING;
    }
}

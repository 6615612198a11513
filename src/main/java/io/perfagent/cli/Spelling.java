package io.perfagent.cli;

import java.util.Comparator;
import java.util.List;

/** What somebody may have meant by a word that is none. */
final class Spelling {
    /** So many letters of a word may be wrong: a third of them. */
    private static final int LETTERS_PER_SLIP = 3;

    private Spelling() {}

    /** The words that come near, the nearest first; {@code --dur} is near to {@code --duration}. */
    static List<String> near(String word, List<String> words) {
        return words.stream()
                .filter(known -> isNear(word, known))
                .sorted(Comparator.comparingInt(known -> distance(letters(word), letters(known))))
                .limit(2)
                .toList();
    }

    private static boolean isNear(String word, String known) {
        String one = letters(word);
        String other = letters(known);
        boolean part = one.length() > 2 && (other.startsWith(one) || other.endsWith("-" + one));
        return part || (other.length() > 1 && distance(one, other) <= Math.max(1, other.length() / LETTERS_PER_SLIP));
    }

    /** An option's name without dashes in front and value behind. */
    private static String letters(String word) {
        return word.replaceFirst("^-+", "").replaceFirst("=.*", "");
    }

    /** Letters to insert, delete or replace (Levenshtein), a row at a time. */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}

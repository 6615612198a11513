package io.perfagent.process;

import io.perfagent.model.Mapping;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The mappings of one address space that code may run in: sorted, none over another. */
final class CodeLayout {
    private CodeLayout() {}

    /** Those of a process's mappings that are meant, which are sorted. */
    static List<Mapping> of(List<Mapping> mappings) {
        return mappings.stream().filter(Mapping::executable).toList();
    }

    /**
     * The layout with one mapping more, which takes the place of what was there:
     *
     * <pre>
     *   before  [────────a────────)   [──b──)
     *   added           [──c──)
     *   after   [──a───)[──c──)[a─)   [──b──)
     * </pre>
     */
    static List<Mapping> with(List<Mapping> layout, Mapping added) {
        List<Mapping> all = new ArrayList<>(layout.size() + 2);
        for (Mapping mapping : layout) {
            if (mapping.start() < added.start()) {
                all.add(mapping.end() <= added.start() ? mapping : mapping.part(mapping.start(), added.start()));
            }
        }
        all.add(added);
        for (Mapping mapping : layout) {
            if (mapping.end() > added.end()) {
                all.add(mapping.start() >= added.end() ? mapping : mapping.part(added.end(), mapping.end()));
            }
        }
        return Collections.unmodifiableList(all);
    }

    /**
     * The layout with code that the process has made and described, as far as it lies in what is mapped.
     *
     * @param made sorted, none over another
     */
    static List<Mapping> withMade(List<Mapping> layout, List<Mapping> made) {
        if (made.isEmpty()) {
            return layout;
        }
        List<Mapping> all = new ArrayList<>(layout.size() + 2 * made.size());
        int next = 0;
        for (Mapping mapping : layout) {
            long from = mapping.start();
            for (; next < made.size() && made.get(next).start() < mapping.end(); next++) {
                Mapping piece = made.get(next);
                if (piece.start() >= from && piece.end() <= mapping.end()) {
                    addPart(all, mapping, from, piece.start());
                    all.add(piece);
                    from = piece.end();
                }
            }
            addPart(all, mapping, from, mapping.end());
        }
        return Collections.unmodifiableList(all);
    }

    private static void addPart(List<Mapping> all, Mapping mapping, long from, long to) {
        if (from < to) {
            all.add(from == mapping.start() && to == mapping.end() ? mapping : mapping.part(from, to));
        }
    }
}

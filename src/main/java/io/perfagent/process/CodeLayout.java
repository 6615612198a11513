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
}

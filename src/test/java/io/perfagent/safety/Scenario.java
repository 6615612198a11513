package io.perfagent.safety;

/** Something that is done to the targets of one interpreter; what came of it is on the trial's sheet. */
interface Scenario {
    /** For the table's title. */
    String title();

    void run(Trial trial) throws Exception;
}

<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>ModelFacts</name>
    <message numerus="yes">
        <source>%1 in %n file(s)</source>
        <translation>
            <numerusform>%1 in %n file</numerusform>
            <numerusform>%1 in %n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>salient::ui::ModelPage</name>
    <message numerus="yes">
        <source>%n tensor(s), %1</source>
        <translation>
            <numerusform>%n tensor, %1</numerusform>
            <numerusform>%n tensors, %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n tensor(s), %2</source>
        <translation>
            <numerusform>%1 of %n tensor, %2</numerusform>
            <numerusform>%1 of %n tensors, %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n character(s)</source>
        <translation>
            <numerusform>%n character</numerusform>
            <numerusform>%n characters</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n byte(s)</source>
        <translation>
            <numerusform>%n byte</numerusform>
            <numerusform>%n bytes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n tensor(s) copied</source>
        <translation>
            <numerusform>%n tensor copied</numerusform>
            <numerusform>%n tensors copied</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>salient::ui::PlaygroundPage</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>salient::ui::TradeoffPage</name>
    <message numerus="yes">
        <source>Delete %n experiment(s) from the file?</source>
        <translation>
            <numerusform>Delete %n experiment from the file?</numerusform>
            <numerusform>Delete %n experiments from the file?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>salient::ui::WeightScan</name>
    <message numerus="yes">
        <source>%n more tensor(s) hold such weights.</source>
        <translation>
            <numerusform>%n more tensor holds such weights.</numerusform>
            <numerusform>%n more tensors hold such weights.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>salient::ui::BudgetControls</name>
    <message numerus="yes">
        <source>%n experiment(s) measured here</source>
        <translation>
            <numerusform>%n experiment measured here</numerusform>
            <numerusform>%n experiments measured here</numerusform>
        </translation>
    </message>
</context>
</TS>

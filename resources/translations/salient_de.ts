<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>Arguments</name>
    <message>
        <source>The studio of Salient: what each layer of a language model costs in 4 and 8 bit, and what it buys.</source>
        <translation>Das Studio von Salient: was jede Schicht eines Sprachmodells in 4 und 8 Bit kostet und was sie bringt.</translation>
    </message>
    <message>
        <source>A model to open: a directory in Hugging Face&apos;s layout. Scores, an experiment file or a calibration text are taken as well.</source>
        <translation>Ein Modell zum Öffnen: ein Verzeichnis im Aufbau von Hugging Face. Auch Bewertungen, eine Experimentdatei oder ein Kalibrierungstext werden angenommen.</translation>
    </message>
    <message>
        <source>One model at a time.</source>
        <translation>Nur ein Modell auf einmal.</translation>
    </message>
    <message>
        <source>--help shows what can be given.</source>
        <translation>--help zeigt, was angegeben werden kann.</translation>
    </message>
    <message>
        <source>Show this and end.</source>
        <translation>Dies zeigen und enden.</translation>
    </message>
    <message>
        <source>Show the version and end.</source>
        <translation>Die Version zeigen und enden.</translation>
    </message>
    <message>
        <source>The experiment file to work with; made where it does not exist. By default experiments.db in $XDG_DATA_HOME/salient.</source>
        <translation>Die Experimentdatei, mit der gearbeitet wird; fehlt sie, wird sie angelegt. Vorgabe: experiments.db in $XDG_DATA_HOME/salient.</translation>
    </message>
    <message>
        <source>Open the sample model that comes with Salient and its texts. With MODEL_DIR: that model, with the sample&apos;s texts and its short settings.</source>
        <translation>Das Beispielmodell, das Salient beiliegt, und seine Texte öffnen. Mit MODEL_DIR: jenes Modell, mit den Texten und den kurzen Einstellungen des Beispiels.</translation>
    </message>
</context>
<context>
    <name>ModelFacts</name>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>multi-head</source>
        <translation>Multi-Head</translation>
    </message>
    <message>
        <source>multi-query</source>
        <translation>Multi-Query</translation>
    </message>
    <message>
        <source>grouped-query</source>
        <translation>Grouped-Query</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>The decoder&apos;s family, from config.json.</source>
        <translation>Die Familie des Decoders, aus config.json.</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Decoder blocks (num_hidden_layers).</source>
        <translation>Decoderblöcke (num_hidden_layers).</translation>
    </message>
    <message>
        <source>Hidden size</source>
        <translation>Verborgene Größe</translation>
    </message>
    <message>
        <source>Width of the residual stream (hidden_size).</source>
        <translation>Breite des Residualstroms (hidden_size).</translation>
    </message>
    <message>
        <source>Feed-forward size</source>
        <translation>Feed-Forward-Größe</translation>
    </message>
    <message>
        <source>Width inside the gated feed-forward network (intermediate_size).</source>
        <translation>Breite im Innern des Feed-Forward-Netzes mit Gatter (intermediate_size).</translation>
    </message>
    <message>
        <source>Attention heads</source>
        <translation>Attention-Köpfe</translation>
    </message>
    <message>
        <source>%1 of %2 dimensions</source>
        <translation>%1 mit %2 Dimensionen</translation>
    </message>
    <message>
        <source>Query heads (num_attention_heads) and the size of each (head_dim).</source>
        <translation>Query-Köpfe (num_attention_heads) und die Größe eines jeden (head_dim).</translation>
    </message>
    <message>
        <source>Key/value heads</source>
        <translation>Key/Value-Köpfe</translation>
    </message>
    <message>
        <source>%1 (%2 attention)</source>
        <translation>%1 (%2-Attention)</translation>
    </message>
    <message>
        <source>Heads of keys and values (num_key_value_heads); fewer of them make a smaller KV cache.</source>
        <translation>Köpfe der Keys und Values (num_key_value_heads); weniger davon machen den KV-Cache kleiner.</translation>
    </message>
    <message>
        <source>Context length</source>
        <translation>Kontextlänge</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Token</translation>
    </message>
    <message>
        <source>The longest sequence (max_position_embeddings).</source>
        <translation>Die längste Sequenz (max_position_embeddings).</translation>
    </message>
    <message>
        <source>RoPE base θ</source>
        <translation>RoPE-Basis θ</translation>
    </message>
    <message>
        <source>Base of the rotary position embedding (rope_theta).</source>
        <translation>Basis der rotierenden Positionseinbettung (rope_theta).</translation>
    </message>
    <message>
        <source>RMSNorm ε</source>
        <translation>RMSNorm ε</translation>
    </message>
    <message>
        <source>Added under the root in the normalization (rms_norm_eps).</source>
        <translation>Wird in der Normierung unter der Wurzel addiert (rms_norm_eps).</translation>
    </message>
    <message>
        <source>Bias on q, k, v</source>
        <translation>Bias an q, k, v</translation>
    </message>
    <message>
        <source>Whether the query, key and value projections add a bias, as Qwen2&apos;s do.</source>
        <translation>Ob die Query-, Key- und Value-Projektionen einen Bias addieren, wie die von Qwen2.</translation>
    </message>
    <message>
        <source>Tied embeddings</source>
        <translation>Gekoppelte Einbettungen</translation>
    </message>
    <message>
        <source>Whether the output layer reuses the input embedding (tie_word_embeddings).</source>
        <translation>Ob die Ausgabeschicht die Eingabeeinbettung wiederverwendet (tie_word_embeddings).</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>packed, mixed 4 and 8 bit</source>
        <translation>gepackt, 4 und 8 Bit gemischt</translation>
    </message>
    <message>
        <source>checkpoint, %1</source>
        <translation>Checkpoint, %1</translation>
    </message>
    <message>
        <source>A checkpoint as it was published, or a model packed by Salient.</source>
        <translation>Ein Checkpoint, wie er veröffentlicht wurde, oder ein von Salient gepacktes Modell.</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Of the whole model, embeddings included.</source>
        <translation>Des ganzen Modells, mit Einbettungen.</translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation>Tensoren</translation>
    </message>
    <message numerus="yes">
        <source>%1 in %n file(s)</source>
        <translation>
            <numerusform>%1 in %n Datei</numerusform>
            <numerusform>%1 in %n Dateien</numerusform>
        </translation>
    </message>
    <message>
        <source>Safetensors files and the tensors in them.</source>
        <translation>Safetensors-Dateien und die Tensoren darin.</translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation>Größe auf der Platte</translation>
    </message>
    <message>
        <source>Of all tensors together.</source>
        <translation>Aller Tensoren zusammen.</translation>
    </message>
    <message>
        <source>Linears to quantize</source>
        <translation>Linearschichten zum Quantisieren</translation>
    </message>
    <message>
        <source>The seven projections of each layer: q, k, v, o, gate, up and down.</source>
        <translation>Die sieben Projektionen jeder Schicht: q, k, v, o, gate, up und down.</translation>
    </message>
    <message>
        <source>Output features</source>
        <translation>Ausgabemerkmale</translation>
    </message>
    <message>
        <source>Rows of the linears: what is given 4 or 8 bit.</source>
        <translation>Zeilen der Linearschichten: was 4 oder 8 Bit bekommt.</translation>
    </message>
    <message>
        <source>Weights in linears</source>
        <translation>Gewichte in Linearschichten</translation>
    </message>
    <message>
        <source>What quantization shrinks; embeddings and norms stay as they are.</source>
        <translation>Was das Quantisieren verkleinert; Einbettungen und Normen bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>8-bit features</source>
        <translation>8-Bit-Merkmale</translation>
    </message>
    <message>
        <source>Share of the output features in 8 bit; the others have 4 bit.</source>
        <translation>Anteil der Ausgabemerkmale in 8 Bit; die anderen haben 4 Bit.</translation>
    </message>
    <message>
        <source>Effective bits</source>
        <translation>Effektive Bits</translation>
    </message>
    <message>
        <source>%1 a weight</source>
        <translation>%1 je Gewicht</translation>
    </message>
    <message>
        <source>Codes, scales and zero points of the linears together.</source>
        <translation>Codes, Skalen und Nullpunkte der Linearschichten zusammen.</translation>
    </message>
    <message>
        <source>Group size</source>
        <translation>Gruppengröße</translation>
    </message>
    <message>
        <source>%1 weights</source>
        <translation>%1 Gewichte</translation>
    </message>
    <message>
        <source>Weights of a row that share a scale.</source>
        <translation>Gewichte einer Zeile, die sich eine Skala teilen.</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>Tokenizer</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>Wortschatz</translation>
    </message>
    <message>
        <source>%1 rows</source>
        <translation>%1 Zeilen</translation>
    </message>
    <message>
        <source>Rows of the embedding (vocab_size); often a few more than there are tokens.</source>
        <translation>Zeilen der Einbettung (vocab_size); oft ein paar mehr, als es Token gibt.</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>How text is cut into tokens.</source>
        <translation>Wie Text in Token zerlegt wird.</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Largest token id and one.</source>
        <translation>Größte Tokennummer plus eins.</translation>
    </message>
    <message>
        <source> and </source>
        <translation> und </translation>
    </message>
    <message>
        <source>Values</source>
        <translation>Werte</translation>
    </message>
    <message>
        <source>not read yet</source>
        <translation>noch nicht gelesen</translation>
    </message>
    <message>
        <source>Floating-point values: all are read in the background, since no quantization survives NaN or infinite ones.</source>
        <translation>Gleitkommawerte: Alle werden im Hintergrund gelesen, denn NaN und Unendlich übersteht keine Quantisierung.</translation>
    </message>
    <message>
        <source>See the notes above.</source>
        <translation>Siehe die Hinweise oben.</translation>
    </message>
</context>
<context>
    <name>numbers</name>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>%1 bits</source>
        <translation>%1 Bit</translation>
    </message>
    <message>
        <source>%1 nats</source>
        <translation>%1 Nat</translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 Token/s</translation>
    </message>
    <message>
        <source>%1 × 10%2</source>
        <translation>%1 × 10%2</translation>
    </message>
    <message>
        <source>%1 ± %2</source>
        <translation>%1 ± %2</translation>
    </message>
</context>
<context>
    <name>salience</name>
    <message>
        <source>Layer %1 · %2</source>
        <translation>Schicht %1 · %2</translation>
    </message>
</context>
<context>
    <name>salient::ui::DeviceEstimates</name>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>%1: %2, %3</source>
        <translation>%1: %2, %3</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>asking …</source>
        <translation>wird gefragt …</translation>
    </message>
    <message>
        <source>fits</source>
        <translation>passt</translation>
    </message>
    <message>
        <source>does not fit: %1</source>
        <translation>passt nicht: %1</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Memory needed</source>
        <translation>Speicher nötig</translation>
    </message>
    <message>
        <source>Memory free</source>
        <translation>Speicher frei</translation>
    </message>
    <message>
        <source>Disk needed</source>
        <translation>Platte nötig</translation>
    </message>
    <message>
        <source>Disk free</source>
        <translation>Platte frei</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
</context>
<context>
    <name>salient::ui::DivergenceLegend</name>
    <message>
        <source>below %1</source>
        <translation>unter %1</translation>
    </message>
    <message>
        <source>%1 and more</source>
        <translation>%1 und mehr</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 bis %2</translation>
    </message>
    <message>
        <source>Divergence of a token in nats, shown by ground and underline: %1</source>
        <translation>Divergenz eines Tokens in Nat, gezeigt durch Grund und Unterstreichung: %1</translation>
    </message>
    <message>
        <source>KL divergence of the packed model&apos;s next-token distribution from the 16-bit model&apos;s, both after the same text, before temperature and top-p</source>
        <translation>KL-Divergenz der Verteilung des nächsten Tokens im gepackten Modell von der im 16-Bit-Modell, beide nach demselben Text, vor Temperatur und Top-p</translation>
    </message>
    <message>
        <source>KL divergence, nats:</source>
        <translation>KL-Divergenz, Nat:</translation>
    </message>
</context>
<context>
    <name>salient::ui::ErrorPanel</name>
    <message>
        <source>Hide this message</source>
        <translation>Diese Meldung verbergen</translation>
    </message>
    <message>
        <source>Problem:</source>
        <translation>Problem:</translation>
    </message>
    <message>
        <source>File:</source>
        <translation>Datei:</translation>
    </message>
    <message>
        <source>Where:</source>
        <translation>Stelle:</translation>
    </message>
    <message>
        <source>Expected:</source>
        <translation>Erwartet:</translation>
    </message>
    <message>
        <source>Found:</source>
        <translation>Gefunden:</translation>
    </message>
    <message>
        <source>What to do:</source>
        <translation>Was zu tun ist:</translation>
    </message>
    <message>
        <source>Reading or writing failed</source>
        <translation>Lesen oder Schreiben misslang</translation>
    </message>
    <message>
        <source>The file is not what its format promises</source>
        <translation>Die Datei ist nicht, was ihr Format verspricht</translation>
    </message>
    <message>
        <source>Nothing this program can work with</source>
        <translation>Nichts, womit dieses Programm arbeiten kann</translation>
    </message>
    <message>
        <source>Two things that must agree do not</source>
        <translation>Zwei Dinge, die zueinander passen müssen, tun es nicht</translation>
    </message>
    <message>
        <source>A value outside what is possible</source>
        <translation>Ein Wert außerhalb des Möglichen</translation>
    </message>
    <message>
        <source>The memory does not suffice</source>
        <translation>Der Speicher reicht nicht</translation>
    </message>
    <message>
        <source>The disk does not suffice</source>
        <translation>Die Platte reicht nicht</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>The numbers do not work out</source>
        <translation>Die Zahlen gehen nicht auf</translation>
    </message>
    <message>
        <source>These settings do not go together</source>
        <translation>Diese Einstellungen passen nicht zusammen</translation>
    </message>
    <message>
        <source>Another program is using it</source>
        <translation>Ein anderes Programm benutzt es</translation>
    </message>
    <message>
        <source>Something is missing</source>
        <translation>Etwas fehlt</translation>
    </message>
    <message>
        <source>A mistake in this program</source>
        <translation>Ein Fehler in diesem Programm</translation>
    </message>
    <message>
        <source>The computing process was killed</source>
        <translation>Der rechnende Prozess wurde getötet</translation>
    </message>
    <message>
        <source>The computing process crashed</source>
        <translation>Der rechnende Prozess stürzte ab</translation>
    </message>
    <message>
        <source>The GPU failed or refused</source>
        <translation>Die GPU versagte oder weigerte sich</translation>
    </message>
</context>
<context>
    <name>salient::ui::JobQueue</name>
    <message>
        <source>no answer to the request to stop</source>
        <translation>keine Antwort auf die Bitte anzuhalten</translation>
    </message>
    <message>
        <source>warning: %1</source>
        <translation>Warnung: %1</translation>
    </message>
    <message>
        <source>%1 cannot be written: jobs will not survive the end of the studio.</source>
        <translation>%1 lässt sich nicht schreiben: Aufträge überleben das Ende des Studios nicht.</translation>
    </message>
    <message>
        <source>%1 cannot be locked: jobs will not survive the end of the studio.</source>
        <translation>%1 lässt sich nicht sperren: Aufträge überleben das Ende des Studios nicht.</translation>
    </message>
    <message>
        <source>The list of jobs could not be read and was put aside as %1: %2</source>
        <translation>Die Liste der Aufträge ließ sich nicht lesen und wurde als %1 beiseitegelegt: %2</translation>
    </message>
    <message>
        <source>start: %1</source>
        <translation>Beginn: %1</translation>
    </message>
    <message>
        <source>%1: %2 %</source>
        <translation>%1: %2 %</translation>
    </message>
    <message>
        <source>%1: %2 %, %3</source>
        <translation>%1: %2 %, %3</translation>
    </message>
    <message>
        <source>end: %1</source>
        <translation>Ende: %1</translation>
    </message>
</context>
<context>
    <name>salient::ui::JobStatus</name>
    <message>
        <source>Progress of the running job&apos;s stage</source>
        <translation>Fortschritt der Stufe des laufenden Auftrags</translation>
    </message>
    <message>
        <source>Cancel the running job; it can be resumed</source>
        <translation>Den laufenden Auftrag abbrechen; er lässt sich fortsetzen</translation>
    </message>
    <message>
        <source>%1: stopping …</source>
        <translation>%1: hält an …</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>%1, %2 left</source>
        <translation>%1, noch %2</translation>
    </message>
</context>
<context>
    <name>salient::ui::JobsModel</name>
    <message>
        <source>Job</source>
        <translation>Auftrag</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Stage ends in</source>
        <translation>Stufe endet in</translation>
    </message>
    <message>
        <source>Added</source>
        <translation>Hinzugefügt</translation>
    </message>
    <message>
        <source>does not answer</source>
        <translation>antwortet nicht</translation>
    </message>
    <message>
        <source>stopping</source>
        <translation>hält an</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>pausiert</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gescheitert</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <source>Opening</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Reading the text</source>
        <translation>Text lesen</translation>
    </message>
    <message>
        <source>Fingerprinting the weights</source>
        <translation>Fingerabdruck der Gewichte</translation>
    </message>
    <message>
        <source>Searching</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Allocating bits</source>
        <translation>Bits verteilen</translation>
    </message>
    <message>
        <source>Quantizing</source>
        <translation>Quantisieren</translation>
    </message>
    <message>
        <source>Writing the model</source>
        <translation>Modell schreiben</translation>
    </message>
    <message>
        <source>Evaluating</source>
        <translation>Auswerten</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>Verifying</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Loading the engine</source>
        <translation>Rechenwerk laden</translation>
    </message>
    <message>
        <source>Measuring the speed</source>
        <translation>Tempo messen</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>%1, %2 %</source>
        <translation>%1, %2 %</translation>
    </message>
    <message>
        <source>Comparing logits</source>
        <translation>Logits vergleichen</translation>
    </message>
    <message>
        <source>Exporting</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>Schreiben</translation>
    </message>
    <message>
        <source>Looking at values</source>
        <translation>Werte ansehen</translation>
    </message>
    <message>
        <source>less than a second</source>
        <translation>weniger als eine Sekunde</translation>
    </message>
</context>
<context>
    <name>salient::ui::JobsPage</name>
    <message>
        <source>Jobs</source>
        <translation>Aufträge</translation>
    </message>
    <message>
        <source>No job yet. Searches, quantizations and measurements appear here while they wait, run and when they have ended.</source>
        <translation>Noch kein Auftrag. Suchen, Quantisierungen und Messungen erscheinen hier, während sie warten, laufen und wenn sie zu Ende sind.</translation>
    </message>
    <message>
        <source>Go to the &amp;search</source>
        <translation>Zur &amp;Suche</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Pausieren</translation>
    </message>
    <message>
        <source>Stops the job, keeps its place and what it has finished</source>
        <translation>Hält den Auftrag an, behält seinen Platz und was er fertig hat</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>Goes on where the job stopped</source>
        <translation>Macht weiter, wo der Auftrag stehen blieb</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <source>Stops the job or takes it out of the queue; it can still be resumed</source>
        <translation>Hält den Auftrag an oder nimmt ihn aus der Schlange; er lässt sich weiter fortsetzen</translation>
    </message>
    <message>
        <source>&amp;End it now</source>
        <translation>Jetzt b&amp;eenden</translation>
    </message>
    <message>
        <source>Ends the process of a job that does not answer; what it has finished is kept</source>
        <translation>Beendet den Prozess eines Auftrags, der nicht antwortet; was er fertig hat, bleibt</translation>
    </message>
    <message>
        <source>Move &amp;up</source>
        <translation>H&amp;öher</translation>
    </message>
    <message>
        <source>Earlier in the queue</source>
        <translation>Früher in der Schlange</translation>
    </message>
    <message>
        <source>Move &amp;down</source>
        <translation>T&amp;iefer</translation>
    </message>
    <message>
        <source>Later in the queue</source>
        <translation>Später in der Schlange</translation>
    </message>
    <message>
        <source>Remo&amp;ve</source>
        <translation>Ent&amp;fernen</translation>
    </message>
    <message>
        <source>Takes the job and its log off the list; what it made stays</source>
        <translation>Nimmt den Auftrag und sein Protokoll von der Liste; was er gemacht hat, bleibt</translation>
    </message>
    <message>
        <source>&amp;Hold the queue</source>
        <translation>Schlange an&amp;halten</translation>
    </message>
    <message>
        <source>Nothing new starts; the running job goes on</source>
        <translation>Nichts Neues beginnt; der laufende Auftrag macht weiter</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1 after %2</source>
        <translation>%1 nach %2</translation>
    </message>
    <message>
        <source>The job stopped</source>
        <translation>Der Auftrag blieb stehen</translation>
    </message>
    <message>
        <source>Start a&amp;fresh</source>
        <translation>&amp;Neu beginnen</translation>
    </message>
    <message>
        <source>Forgets what the job has finished and starts it from the beginning</source>
        <translation>Vergisst, was der Auftrag fertig hat, und beginnt ihn von vorn</translation>
    </message>
    <message>
        <source>Open the &amp;logs</source>
        <translation>Proto&amp;kolle öffnen</translation>
    </message>
    <message>
        <source>Opens the folder that holds a log file for each job</source>
        <translation>Öffnet den Ordner, in dem eine Protokolldatei je Auftrag liegt</translation>
    </message>
</context>
<context>
    <name>salient::ui::KeptBudgets</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>8-bit share</source>
        <translation>8-Bit-Anteil</translation>
    </message>
    <message>
        <source>Payload</source>
        <translation>Nutzlast</translation>
    </message>
    <message>
        <source>Effective</source>
        <translation>Effektiv</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Σ salience left</source>
        <translation>Σ Salienz übrig</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>Gemessen</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>%1 bits</source>
        <translation>%1 Bit</translation>
    </message>
    <message>
        <source>Budget %1</source>
        <translation>Budget %1</translation>
    </message>
    <message>
        <source>Measure %1 of %2</source>
        <translation>%1 von %2 messen</translation>
    </message>
    <message>
        <source>not yet</source>
        <translation>noch nicht</translation>
    </message>
    <message>
        <source>experiment %1</source>
        <translation>Experiment %1</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
</context>
<context>
    <name>salient::ui::Language</name>
    <message>
        <source>Language of the system</source>
        <translation>Sprache des Systems</translation>
    </message>
</context>
<context>
    <name>salient::ui::LogView</name>
    <message>
        <source>Log of the job</source>
        <translation>Protokoll des Auftrags</translation>
    </message>
    <message>
        <source>What a job says while it works appears here.</source>
        <translation>Was ein Auftrag bei der Arbeit sagt, erscheint hier.</translation>
    </message>
</context>
<context>
    <name>salient::ui::MainWindow</name>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>The list of jobs could not be saved: %1</source>
        <translation>Die Liste der Aufträge ließ sich nicht speichern: %1</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>%1 — Salient</source>
        <translation>%1 — Salient</translation>
    </message>
    <message>
        <source>%1 is done after %2.</source>
        <translation>%1 ist nach %2 fertig.</translation>
    </message>
    <message>
        <source>%1 was cancelled; it can be resumed.</source>
        <translation>%1 wurde abgebrochen; es lässt sich fortsetzen.</translation>
    </message>
    <message>
        <source>%1 stopped: %2</source>
        <translation>%1 blieb stehen: %2</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Show the job</source>
        <translation>Auftrag zeigen</translation>
    </message>
    <message>
        <source>%1 does not answer the request to stop. Ending its process loses nothing that was finished: it can be resumed.</source>
        <translation>%1 antwortet nicht auf die Bitte anzuhalten. Seinen Prozess zu beenden verliert nichts, was fertig ist: er lässt sich fortsetzen.</translation>
    </message>
    <message>
        <source>End it now</source>
        <translation>Jetzt beenden</translation>
    </message>
    <message>
        <source>Wait</source>
        <translation>Warten</translation>
    </message>
    <message>
        <source>A job is running</source>
        <translation>Ein Auftrag läuft</translation>
    </message>
    <message>
        <source>%1 is still running.</source>
        <translation>%1 läuft noch.</translation>
    </message>
    <message>
        <source>What it has finished is kept. It can be resumed when Salient is opened again.</source>
        <translation>Was er fertig hat, bleibt. Er lässt sich fortsetzen, wenn Salient wieder geöffnet wird.</translation>
    </message>
    <message>
        <source>&amp;Stop it and close</source>
        <translation>&amp;Anhalten und schließen</translation>
    </message>
    <message>
        <source>&amp;Keep working</source>
        <translation>&amp;Weiterarbeiten</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Open a model …</source>
        <translation>Modell ö&amp;ffnen …</translation>
    </message>
    <message>
        <source>Open scores, experiments or a &amp;text …</source>
        <translation>Bewertungen, Experimente oder &amp;Text öffnen …</translation>
    </message>
    <message>
        <source>Open the &amp;sample</source>
        <translation>&amp;Beispiel öffnen</translation>
    </message>
    <message>
        <source>&amp;Recent</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>Noch nichts</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>Recipe: back to the &amp;defaults</source>
        <translation>Rezept: zurück zu den &amp;Vorgaben</translation>
    </message>
    <message>
        <source>Defaults</source>
        <translation>Vorgaben</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>Colours of the &amp;system</source>
        <translation>Farben des &amp;Systems</translation>
    </message>
    <message>
        <source>&amp;Light colours</source>
        <translation>&amp;Helle Farben</translation>
    </message>
    <message>
        <source>&amp;Dark colours</source>
        <translation>&amp;Dunkle Farben</translation>
    </message>
    <message>
        <source>&amp;Full screen</source>
        <translation>&amp;Vollbild</translation>
    </message>
    <message>
        <source>&amp;Jobs</source>
        <translation>A&amp;ufträge</translation>
    </message>
    <message>
        <source>&amp;Pause the running job</source>
        <translation>Laufenden Auftrag &amp;pausieren</translation>
    </message>
    <message>
        <source>&amp;Cancel the running job</source>
        <translation>Laufenden Auftrag &amp;abbrechen</translation>
    </message>
    <message>
        <source>&amp;Resume the last job that stopped</source>
        <translation>Zuletzt stehen gebliebenen Auftrag &amp;fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Hold the queue</source>
        <translation>Schlange an&amp;halten</translation>
    </message>
    <message>
        <source>Nothing new starts until the queue is released.</source>
        <translation>Nichts Neues beginnt, bis die Schlange freigegeben wird.</translation>
    </message>
    <message>
        <source>The queue goes on.</source>
        <translation>Die Schlange geht weiter.</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts …</source>
        <translation>&amp;Tastenkürzel …</translation>
    </message>
    <message>
        <source>&amp;About Salient</source>
        <translation>Ü&amp;ber Salient</translation>
    </message>
    <message>
        <source>About Salient</source>
        <translation>Über Salient</translation>
    </message>
    <message>
        <source>Salient %1</source>
        <translation>Salient %1</translation>
    </message>
    <message>
        <source>About &amp;Qt</source>
        <translation>Über &amp;Qt</translation>
    </message>
    <message>
        <source>Lan&amp;guage</source>
        <translation>S&amp;prache</translation>
    </message>
    <message>
        <source>Start afresh</source>
        <translation>Neu beginnen</translation>
    </message>
    <message>
        <source>&amp;Page</source>
        <translation>&amp;Seite</translation>
    </message>
    <message>
        <source>Mixed 4 and 8 bit between output features (MixLLM, arXiv 2412.14590). Sections, equations and tables that tool tips name are those of its second version.

The studio is free software under the GNU General Public License, version 3 or later; the engine under the Apache License 2.0.

Experiments: %1
Scores and models: %2</source>
        <translation>4 und 8 Bit gemischt zwischen den Ausgabemerkmalen (MixLLM, arXiv 2412.14590). Abschnitte, Gleichungen und Tabellen, die Kurzhinweise nennen, sind die der zweiten Fassung.

Das Studio ist freie Software unter der GNU General Public License, Version 3 oder später; das Rechenwerk unter der Apache License 2.0.

Experimente: %1
Bewertungen und Modelle: %2</translation>
    </message>
    <message>
        <source>No program answered for %1</source>
        <translation>Kein Programm hat %1 geöffnet</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Let go to open %1</source>
        <translation>Loslassen, um %1 zu öffnen</translation>
    </message>
</context>
<context>
    <name>salient::ui::ModelPage</name>
    <message>
        <source>&amp;Copy tensors</source>
        <translation>Tensoren &amp;kopieren</translation>
    </message>
    <message>
        <source>Copy the selected tensors, or all that are shown, as CSV</source>
        <translation>Die ausgewählten Tensoren oder alle gezeigten als CSV kopieren</translation>
    </message>
    <message>
        <source>&amp;Export tensors …</source>
        <translation>Tensoren &amp;exportieren …</translation>
    </message>
    <message>
        <source>Write the tensors that are shown to a CSV file</source>
        <translation>Die gezeigten Tensoren in eine CSV-Datei schreiben</translation>
    </message>
    <message>
        <source>&amp;Filter tensors</source>
        <translation>Tensoren &amp;filtern</translation>
    </message>
    <message>
        <source>&amp;Tensors</source>
        <translation>&amp;Tensoren</translation>
    </message>
    <message>
        <source>To&amp;kenizer</source>
        <translation>To&amp;kenizer</translation>
    </message>
    <message>
        <source>Esti&amp;mates</source>
        <translation>&amp;Schätzungen</translation>
    </message>
    <message>
        <source>No model is open</source>
        <translation>Kein Modell ist geöffnet</translation>
    </message>
    <message>
        <source>Open a model directory in Hugging Face&apos;s layout, or the bundled sample.</source>
        <translation>Ein Modellverzeichnis im Aufbau von Hugging Face öffnen oder das beiliegende Beispiel.</translation>
    </message>
    <message>
        <source>Open a model …</source>
        <translation>Modell öffnen …</translation>
    </message>
    <message>
        <source>layers.0 q_proj, bf16, 4096 …</source>
        <translation>layers.0 q_proj, bf16, 4096 …</translation>
    </message>
    <message>
        <source>Shows the tensors that hold each of these words in any column, in either case</source>
        <translation>Zeigt die Tensoren, die jedes dieser Wörter in irgendeiner Spalte enthalten, groß oder klein geschrieben</translation>
    </message>
    <message>
        <source>F&amp;ilter:</source>
        <translation>F&amp;ilter:</translation>
    </message>
    <message>
        <source>Filter of the tensors</source>
        <translation>Filter der Tensoren</translation>
    </message>
    <message>
        <source>Tensors of the model</source>
        <translation>Tensoren des Modells</translation>
    </message>
    <message>
        <source>Text to cut into tokens</source>
        <translation>Text, der in Token zerlegt wird</translation>
    </message>
    <message>
        <source>Type or paste a text; its tokens follow as you type</source>
        <translation>Einen Text tippen oder einfügen; seine Token folgen beim Tippen</translation>
    </message>
    <message>
        <source>The quick brown fox jumps over 13 lazy dogs. Größe: 4 µm 🙂</source>
        <translation>Zwölf Boxkämpfer jagen 13 Mal quer über den Deich. Größe: 4 µm 🙂</translation>
    </message>
    <message>
        <source>Te&amp;xt:</source>
        <translation>Te&amp;xt:</translation>
    </message>
    <message>
        <source>&amp;Special tokens around the text</source>
        <translation>&amp;Sondertoken um den Text</translation>
    </message>
    <message>
        <source>With the tokens that the tokenizer&apos;s template puts in front of and behind a text (BOS, EOS)</source>
        <translation>Mit den Token, die die Vorlage des Tokenizers vor und hinter einen Text setzt (BOS, EOS)</translation>
    </message>
    <message>
        <source>Tokens with their ids</source>
        <translation>Token mit ihren Nummern</translation>
    </message>
    <message>
        <source>The tokens of the text appear here.</source>
        <translation>Hier erscheinen die Token des Textes.</translation>
    </message>
    <message>
        <source>What the whole job takes on each device</source>
        <translation>Was die ganze Arbeit auf jedem Gerät braucht</translation>
    </message>
    <message>
        <source>%1:</source>
        <translation>%1:</translation>
    </message>
    <message numerus="yes">
        <source>%n tensor(s), %1</source>
        <translation>
            <numerusform>%n Tensor, %1</numerusform>
            <numerusform>%n Tensoren, %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n tensor(s), %2</source>
        <translation>
            <numerusform>%1 von %n Tensor, %2</numerusform>
            <numerusform>%1 von %n Tensoren, %2</numerusform>
        </translation>
    </message>
    <message>
        <source>special token</source>
        <translation>Sondertoken</translation>
    </message>
    <message>
        <source>bytes of a character</source>
        <translation>Bytes eines Zeichens</translation>
    </message>
    <message>
        <source>text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Token %1: id %2, %3, in the vocabulary &quot;%4&quot;</source>
        <translation>Token %1: Nummer %2, %3, im Wortschatz „%4“</translation>
    </message>
    <message>
        <source>; put in by the tokenizer</source>
        <translation>; vom Tokenizer eingesetzt</translation>
    </message>
    <message>
        <source>; bytes %1 to %2 of the text</source>
        <translation>; Bytes %1 bis %2 des Textes</translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n Token</numerusform>
            <numerusform>%n Token</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n character(s)</source>
        <translation>
            <numerusform>%n Zeichen</numerusform>
            <numerusform>%n Zeichen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n byte(s)</source>
        <translation>
            <numerusform>%n Byte</numerusform>
            <numerusform>%n Bytes</numerusform>
        </translation>
    </message>
    <message>
        <source>; %1 characters a token</source>
        <translation>; %1 Zeichen je Token</translation>
    </message>
    <message>
        <source>. Only the first %1 characters are looked at.</source>
        <translation>. Nur die ersten %1 Zeichen werden angesehen.</translation>
    </message>
    <message>
        <source>Point at a token, or walk with the arrow keys, to see what it is.</source>
        <translation>Auf ein Token zeigen oder mit den Pfeiltasten wandern, um zu sehen, was es ist.</translation>
    </message>
    <message>
        <source>This model is packed already: there is nothing left to estimate.</source>
        <translation>Dieses Modell ist schon gepackt: es bleibt nichts zu schätzen.</translation>
    </message>
    <message numerus="yes">
        <source>%n tensor(s) copied</source>
        <translation>
            <numerusform>%n Tensor kopiert</numerusform>
            <numerusform>%n Tensoren kopiert</numerusform>
        </translation>
    </message>
    <message>
        <source>Export tensors</source>
        <translation>Tensoren exportieren</translation>
    </message>
    <message>
        <source>Figures (*.csv)</source>
        <translation>Zahlen (*.csv)</translation>
    </message>
    <message>
        <source>Written to %1</source>
        <translation>Geschrieben nach %1</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Solid edge: text. Dashed: a special token. Dotted: bytes, in hexadecimal, that are no whole character. · stands for a space.</source>
        <translation>Durchgezogener Rand: Text. Gestrichelt: ein Sondertoken. Gepunktet: Bytes, hexadezimal, die kein ganzes Zeichen sind. · steht für ein Leerzeichen.</translation>
    </message>
    <message>
        <source>Other devices: %1</source>
        <translation>Andere Geräte: %1</translation>
    </message>
    <message>
        <source>No tensor holds each of these words.</source>
        <translation>Kein Tensor enthält jedes dieser Wörter.</translation>
    </message>
    <message>
        <source>Stages on the chosen device</source>
        <translation>Stufen auf dem gewählten Gerät</translation>
    </message>
    <message>
        <source>What searching, quantizing and measuring takes with the chosen texts and recipe. Times come from a short measurement of the device.</source>
        <translation>Was Suchen, Quantisieren und Messen mit den gewählten Texten und dem Rezept brauchen. Die Zeiten kommen aus einer kurzen Messung des Geräts.</translation>
    </message>
    <message>
        <source>What searching and quantizing takes with default settings. Choose both texts under Calibrate &amp; search for an estimate of your own job.</source>
        <translation>Was Suchen und Quantisieren mit den Vorgaben brauchen. Für eine Schätzung der eigenen Arbeit beide Texte unter Kalibrieren und Suchen wählen.</translation>
    </message>
    <message>
        <source>On %1:
%2</source>
        <translation>Auf %1:
%2</translation>
    </message>
    <message>
        <source>Facts about the model</source>
        <translation>Angaben zum Modell</translation>
    </message>
</context>
<context>
    <name>salient::ui::NoticeBar</name>
    <message>
        <source>Hide this message</source>
        <translation>Diese Meldung verbergen</translation>
    </message>
</context>
<context>
    <name>salient::ui::PathField</name>
    <message>
        <source>Browse …</source>
        <translation>Durchsuchen …</translation>
    </message>
    <message>
        <source>Choose: %1</source>
        <translation>Wählen: %1</translation>
    </message>
</context>
<context>
    <name>salient::ui::PlayTokenTable</name>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>Stelle</translation>
    </message>
    <message>
        <source>Token id</source>
        <translation>Tokennummer</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>KL divergence (nats)</source>
        <translation>KL-Divergenz (Nat)</translation>
    </message>
    <message>
        <source>Log-probability (nats)</source>
        <translation>Log-Wahrscheinlichkeit (Nat)</translation>
    </message>
    <message>
        <source>By the other model (nats)</source>
        <translation>Nach dem anderen Modell (Nat)</translation>
    </message>
    <message>
        <source>Same first choice</source>
        <translation>Gleiche erste Wahl</translation>
    </message>
    <message>
        <source>No.</source>
        <translation>Nr.</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>Nummer</translation>
    </message>
    <message>
        <source>KL, nats</source>
        <translation>KL, Nat</translation>
    </message>
    <message>
        <source>ln p, nats</source>
        <translation>ln p, Nat</translation>
    </message>
    <message>
        <source>other, nats</source>
        <translation>andere, Nat</translation>
    </message>
    <message>
        <source>same</source>
        <translation>gleich</translation>
    </message>
</context>
<context>
    <name>salient::ui::PlaygroundPage</name>
    <message>
        <source>&amp;Generate</source>
        <translation>S&amp;chreiben</translation>
    </message>
    <message>
        <source>Let the models continue the prompt</source>
        <translation>Die Modelle den Anfang fortsetzen lassen</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>An&amp;halten</translation>
    </message>
    <message>
        <source>Stop both models; what they wrote stays</source>
        <translation>Beide Modelle anhalten; was sie schrieben, bleibt</translation>
    </message>
    <message>
        <source>&amp;Table</source>
        <translation>Ta&amp;belle</translation>
    </message>
    <message>
        <source>Show the tokens and their figures as tables</source>
        <translation>Die Token und ihre Zahlen als Tabellen zeigen</translation>
    </message>
    <message>
        <source>&amp;Other …</source>
        <translation>A&amp;nderes …</translation>
    </message>
    <message>
        <source>Choose a packed model&apos;s directory</source>
        <translation>Das Verzeichnis eines gepackten Modells wählen</translation>
    </message>
    <message>
        <source>Nothing to play with yet</source>
        <translation>Noch nichts zum Ausprobieren</translation>
    </message>
    <message>
        <source>Open a 16-bit model, and pack it, to see both write side by side.</source>
        <translation>Ein 16-Bit-Modell öffnen und packen, um beide nebeneinander schreiben zu sehen.</translation>
    </message>
    <message>
        <source>Open a model …</source>
        <translation>Modell öffnen …</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Anfang</translation>
    </message>
    <message>
        <source>The text that both models continue</source>
        <translation>Der Text, den beide Modelle fortsetzen</translation>
    </message>
    <message>
        <source>P&amp;rompt:</source>
        <translation>An&amp;fang:</translation>
    </message>
    <message>
        <source>Packed model</source>
        <translation>Gepacktes Modell</translation>
    </message>
    <message>
        <source>The packed models made from the open model, and any you chose yourself</source>
        <translation>Die aus dem geöffneten Modell gepackten Modelle und selbst gewählte</translation>
    </message>
    <message>
        <source>New tokens at most; a model may end earlier</source>
        <translation>Höchstens so viele neue Token; ein Modell darf früher enden</translation>
    </message>
    <message>
        <source>0 (greedy)</source>
        <translation>0 (gierig)</translation>
    </message>
    <message>
        <source>0 always takes the most likely token; 1 samples from the model&apos;s own distribution</source>
        <translation>0 nimmt immer das wahrscheinlichste Token; 1 zieht aus der eigenen Verteilung des Modells</translation>
    </message>
    <message>
        <source>Sample from the most likely tokens that together have this probability; 1 leaves none out</source>
        <translation>Aus den wahrscheinlichsten Token ziehen, die zusammen diese Wahrscheinlichkeit haben; 1 lässt keines aus</translation>
    </message>
    <message>
        <source>The same seed gives the same text; both models draw with the same one</source>
        <translation>Derselbe Startwert gibt denselben Text; beide Modelle ziehen mit demselben</translation>
    </message>
    <message>
        <source>Packed &amp;model:</source>
        <translation>Gepacktes &amp;Modell:</translation>
    </message>
    <message>
        <source>To&amp;kens:</source>
        <translation>To&amp;ken:</translation>
    </message>
    <message>
        <source>&amp;Temperature:</source>
        <translation>&amp;Temperatur:</translation>
    </message>
    <message>
        <source>T&amp;op-p:</source>
        <translation>T&amp;op-p:</translation>
    </message>
    <message>
        <source>See&amp;d:</source>
        <translation>Sta&amp;rtwert:</translation>
    </message>
    <message>
        <source>16 bit</source>
        <translation>16 Bit</translation>
    </message>
    <message>
        <source>Packed</source>
        <translation>Gepackt</translation>
    </message>
    <message>
        <source>Text of the 16-bit model</source>
        <translation>Text des 16-Bit-Modells</translation>
    </message>
    <message>
        <source>Text of the packed model</source>
        <translation>Text des gepackten Modells</translation>
    </message>
    <message>
        <source>Tokens of the 16-bit model</source>
        <translation>Token des 16-Bit-Modells</translation>
    </message>
    <message>
        <source>Tokens of the packed model</source>
        <translation>Token des gepackten Modells</translation>
    </message>
    <message>
        <source>none yet: the 16-bit model writes alone</source>
        <translation>noch keines: das 16-Bit-Modell schreibt allein</translation>
    </message>
    <message>
        <source>Open the 16-bit model this one was made from to compare the two.</source>
        <translation>Das 16-Bit-Modell öffnen, aus dem dieses gemacht wurde, um beide zu vergleichen.</translation>
    </message>
    <message>
        <source>Write a prompt and press Generate: the 16-bit model&apos;s text appears here.</source>
        <translation>Einen Anfang schreiben und Schreiben drücken: hier erscheint der Text des 16-Bit-Modells.</translation>
    </message>
    <message>
        <source>Pack the model under Budget, or choose a packed model above.</source>
        <translation>Das Modell unter Budget packen oder oben ein gepacktes Modell wählen.</translation>
    </message>
    <message>
        <source>The packed model&apos;s text appears here.</source>
        <translation>Hier erscheint der Text des gepackten Modells.</translation>
    </message>
    <message>
        <source>Choose a packed model</source>
        <translation>Gepacktes Modell wählen</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>Wird geladen …</translation>
    </message>
    <message>
        <source>%1 — %2</source>
        <translation>%1 — %2</translation>
    </message>
    <message>
        <source>Writing …</source>
        <translation>Es wird geschrieben …</translation>
    </message>
    <message>
        <source>Token %1, id %2, &quot;%3&quot;: divergence %4; log-probability %5, by the other model %6%7</source>
        <translation>Token %1, Nummer %2, „%3“: Divergenz %4; Log-Wahrscheinlichkeit %5, nach dem anderen Modell %6%7</translation>
    </message>
    <message>
        <source>; the two would choose different tokens</source>
        <translation>; die beiden würden verschiedene Token wählen</translation>
    </message>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n Token</numerusform>
            <numerusform>%n Token</numerusform>
        </translation>
    </message>
    <message>
        <source>ended by the model</source>
        <translation>vom Modell beendet</translation>
    </message>
    <message>
        <source>mean KL %1</source>
        <translation>mittlere KL %1</translation>
    </message>
    <message>
        <source>The two texts part at token %1.</source>
        <translation>Die beiden Texte trennen sich bei Token %1.</translation>
    </message>
    <message>
        <source>Both models wrote the same text.</source>
        <translation>Beide Modelle schrieben denselben Text.</translation>
    </message>
    <message>
        <source>Playground</source>
        <translation>Spielwiese</translation>
    </message>
    <message>
        <source>Exact</source>
        <translation>Exakt</translation>
    </message>
    <message>
        <source>Folded</source>
        <translation>Gefaltet</translation>
    </message>
    <message>
        <source>Folded, by token</source>
        <translation>Gefaltet, je Token</translation>
    </message>
    <message>
        <source>How the packed model&apos;s scales are computed. Exact, as stored (default); or folded into the codes of the weights, which is faster on GPUs and rounds differently, with activations rounded for each token and group, or for each token as a whole. Prompts of fewer than 128 tokens, and every new token, are exact in any case.</source>
        <translation>Wie die Skalen des gepackten Modells gerechnet werden. Exakt, wie gespeichert (Vorgabe); oder in die Codes der Gewichte gefaltet, was auf GPUs schneller ist und anders rundet, mit Aktivierungen, die je Token und Gruppe oder je Token als Ganzes gerundet werden. Anfänge von weniger als 128 Token und jedes neue Token sind in jedem Fall exakt.</translation>
    </message>
    <message>
        <source>S&amp;cales:</source>
        <translation>S&amp;kalen:</translation>
    </message>
    <message>
        <source>The models cannot write</source>
        <translation>Die Modelle können nicht schreiben</translation>
    </message>
    <message>
        <source>a packed model</source>
        <translation>ein gepacktes Modell</translation>
    </message>
    <message>
        <source>a directory of another kind</source>
        <translation>ein Verzeichnis anderer Art</translation>
    </message>
    <message>
        <source>Choose a directory that Salient has packed; Budget and Export make them.</source>
        <translation>Ein Verzeichnis wählen, das Salient gepackt hat; Budget und Export machen solche.</translation>
    </message>
    <message>
        <source>This is no packed model</source>
        <translation>Das ist kein gepacktes Modell</translation>
    </message>
</context>
<context>
    <name>salient::ui::PlotPanel</name>
    <message>
        <source>Reset zoom</source>
        <translation>Ganz zeigen</translation>
    </message>
    <message>
        <source>Shows everything again (Home). Zoom with the wheel or + and −, move by dragging or Shift and the arrow keys.</source>
        <translation>Zeigt wieder alles (Pos1). Zoomen mit dem Rad oder + und −, verschieben durch Ziehen oder Umschalt und die Pfeiltasten.</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>The same figures as a table</source>
        <translation>Dieselben Zahlen als Tabelle</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren …</translation>
    </message>
    <message>
        <source>Saves the chart as PNG, SVG or PDF, or its figures as CSV</source>
        <translation>Speichert das Diagramm als PNG, SVG oder PDF oder seine Zahlen als CSV</translation>
    </message>
    <message>
        <source>%1, chart</source>
        <translation>%1, Diagramm</translation>
    </message>
    <message>
        <source>%1, table</source>
        <translation>%1, Tabelle</translation>
    </message>
    <message>
        <source>Table of %1</source>
        <translation>Tabelle zu %1</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>%1 exportieren</translation>
    </message>
    <message>
        <source>Reset zoom of %1</source>
        <translation>%1 ganz zeigen</translation>
    </message>
    <message>
        <source>Name a file that ends in .png, .svg, .pdf or .csv.</source>
        <translation>Eine Datei nennen, die auf .png, .svg, .pdf oder .csv endet.</translation>
    </message>
    <message>
        <source>Image (*.png)</source>
        <translation>Bild (*.png)</translation>
    </message>
    <message>
        <source>Vector graphic (*.svg)</source>
        <translation>Vektorgrafik (*.svg)</translation>
    </message>
    <message>
        <source>Document (*.pdf)</source>
        <translation>Dokument (*.pdf)</translation>
    </message>
    <message>
        <source>Figures (*.csv)</source>
        <translation>Zahlen (*.csv)</translation>
    </message>
    <message>
        <source>Not exported</source>
        <translation>Nicht exportiert</translation>
    </message>
</context>
<context>
    <name>salient::ui::SearchPage</name>
    <message>
        <source>The search cannot start</source>
        <translation>Die Suche kann nicht beginnen</translation>
    </message>
    <message>
        <source>&amp;Estimate</source>
        <translation>Schä&amp;tzen</translation>
    </message>
    <message>
        <source>What the search would take of memory, disk and time; starts nothing</source>
        <translation>Was die Suche an Speicher, Platte und Zeit bräuchte; beginnt nichts</translation>
    </message>
    <message>
        <source>&amp;Start the search</source>
        <translation>Suche &amp;beginnen</translation>
    </message>
    <message>
        <source>Estimates first, and starts only if memory and disk suffice</source>
        <translation>Schätzt zuerst und beginnt nur, wenn Speicher und Platte reichen</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Pausieren</translation>
    </message>
    <message>
        <source>Stops the search and keeps what it has finished</source>
        <translation>Hält die Suche an und behält, was sie fertig hat</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <source>Stops the search; it can be resumed</source>
        <translation>Hält die Suche an; sie lässt sich fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>Goes on after the last finished sequence</source>
        <translation>Macht nach der letzten fertigen Sequenz weiter</translation>
    </message>
    <message>
        <source>See the &amp;salience</source>
        <translation>&amp;Salienz ansehen</translation>
    </message>
    <message>
        <source>&amp;Log:</source>
        <translation>&amp;Protokoll:</translation>
    </message>
    <message>
        <source>a calibration text</source>
        <translation>ein Kalibrierungstext</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <source>Choose a .txt or .jsonl file of text like the one the model will see.</source>
        <translation>Eine .txt- oder .jsonl-Datei wählen mit Text, wie ihn das Modell sehen wird.</translation>
    </message>
    <message>
        <source>there is no calibration text</source>
        <translation>es gibt keinen Kalibrierungstext</translation>
    </message>
    <message>
        <source>Estimating …</source>
        <translation>Es wird geschätzt …</translation>
    </message>
    <message>
        <source>Search %1</source>
        <translation>%1 durchsuchen</translation>
    </message>
    <message>
        <source>The scores go to %1</source>
        <translation>Die Bewertungen kommen nach %1</translation>
    </message>
    <message>
        <source>Scores of this model are open: %1</source>
        <translation>Bewertungen dieses Modells sind geöffnet: %1</translation>
    </message>
    <message>
        <source>No search has run yet.</source>
        <translation>Noch keine Suche ist gelaufen.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>The search stopped</source>
        <translation>Die Suche blieb stehen</translation>
    </message>
    <message>
        <source>Calibrate and search</source>
        <translation>Kalibrieren und Suchen</translation>
    </message>
    <message>
        <source>Text (*.txt *.jsonl *.ndjson *.json *.gz);;All files (*)</source>
        <translation>Text (*.txt *.jsonl *.ndjson *.json *.gz);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Texts</source>
        <translation>Texte</translation>
    </message>
    <message>
        <source>Calibration text</source>
        <translation>Kalibrierungstext</translation>
    </message>
    <message>
        <source>&amp;Calibration:</source>
        <translation>&amp;Kalibrierung:</translation>
    </message>
    <message>
        <source>Evaluation text</source>
        <translation>Auswertungstext</translation>
    </message>
    <message>
        <source>E&amp;valuation:</source>
        <translation>Aus&amp;wertung:</translation>
    </message>
    <message>
        <source>&amp;Key of JSON lines:</source>
        <translation>Schl&amp;üssel der JSON-Zeilen:</translation>
    </message>
    <message>
        <source>Which key of a line of a .jsonl file holds the text. Default: text. Without effect on .txt.</source>
        <translation>Welcher Schlüssel einer Zeile einer .jsonl-Datei den Text enthält. Vorgabe: text. Ohne Wirkung auf .txt.</translation>
    </message>
    <message>
        <source>Sequences</source>
        <translation>Sequenzen</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>Stichproben</translation>
    </message>
    <message>
        <source>S&amp;amples:</source>
        <translation>S&amp;tichproben:</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>&amp;Length:</source>
        <translation>&amp;Länge:</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>S&amp;eed:</source>
        <translation>Start&amp;wert:</translation>
    </message>
    <message>
        <source>Decides where the sequences are cut from the text. Default: 0. The same seed gives the same scores.</source>
        <translation>Entscheidet, wo die Sequenzen aus dem Text geschnitten werden. Vorgabe: 0. Derselbe Startwert gibt dieselben Bewertungen.</translation>
    </message>
    <message>
        <source>Salience</source>
        <translation>Salienz</translation>
    </message>
    <message>
        <source>Estimate</source>
        <translation>Schätzung</translation>
    </message>
    <message>
        <source>First and second order (the method)</source>
        <translation>Erste und zweite Ordnung (die Methode)</translation>
    </message>
    <message>
        <source>Second order only</source>
        <translation>Nur zweite Ordnung</translation>
    </message>
    <message>
        <source>Diagonal Fisher</source>
        <translation>Diagonale Fisher-Matrix</translation>
    </message>
    <message>
        <source>First order only</source>
        <translation>Nur erste Ordnung</translation>
    </message>
    <message>
        <source>Es&amp;timate:</source>
        <translation>S&amp;chätzung:</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>Gruppe</translation>
    </message>
    <message>
        <source>&amp;Group:</source>
        <translation>&amp;Gruppe:</translation>
    </message>
    <message>
        <source>When a budget is measured</source>
        <translation>Wenn ein Budget gemessen wird</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Methode</translation>
    </message>
    <message>
        <source>GPTQ with clip search (the method)</source>
        <translation>GPTQ mit Clip-Suche (die Methode)</translation>
    </message>
    <message>
        <source>GPTQ</source>
        <translation>GPTQ</translation>
    </message>
    <message>
        <source>Round to nearest</source>
        <translation>Einfaches Runden</translation>
    </message>
    <message>
        <source>&amp;Method:</source>
        <translation>&amp;Methode:</translation>
    </message>
    <message>
        <source>Sea&amp;rch for clipped ranges</source>
        <translation>Nach ge&amp;kappten Bereichen suchen</translation>
    </message>
    <message>
        <source>Search for clipped ranges</source>
        <translation>Nach gekappten Bereichen suchen</translation>
    </message>
    <message>
        <source>Clip search</source>
        <translation>Clip-Suche</translation>
    </message>
    <message>
        <source>Damping</source>
        <translation>Dämpfung</translation>
    </message>
    <message>
        <source>&amp;Damping:</source>
        <translation>&amp;Dämpfung:</translation>
    </message>
    <message>
        <source>Evaluation length</source>
        <translation>Auswertungslänge</translation>
    </message>
    <message>
        <source>Tokens of a &amp;window:</source>
        <translation>Token eines &amp;Fensters:</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>Evaluation windows</source>
        <translation>Auswertungsfenster</translation>
    </message>
    <message>
        <source>&amp;Windows:</source>
        <translation>Fe&amp;nster:</translation>
    </message>
    <message>
        <source>How many windows from the beginning of the evaluation text. Default: all. Fewer are quicker and less certain; the standard error says how much.</source>
        <translation>Wie viele Fenster vom Beginn des Auswertungstextes. Vorgabe: alle. Weniger gehen schneller und sind weniger sicher; der Standardfehler sagt, wie viel.</translation>
    </message>
    <message>
        <source>about %1</source>
        <translation>etwa %1</translation>
    </message>
    <message>
        <source>Memory: %1 of %2 available. Disk: %3 of %4 free. Time: %5.</source>
        <translation>Speicher: %1 von %2 verfügbaren. Platte: %3 von %4 freien. Zeit: %5.</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>Maschine</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>De&amp;vice:</source>
        <translation>&amp;Gerät:</translation>
    </message>
    <message>
        <source>Where searches, quantizations and measurements compute. Default: the processor.</source>
        <translation>Wo Suchen, Quantisierungen und Messungen rechnen. Vorgabe: der Prozessor.</translation>
    </message>
    <message>
        <source>all cores</source>
        <translation>alle Kerne</translation>
    </message>
    <message>
        <source>T&amp;hreads:</source>
        <translation>T&amp;hreads:</translation>
    </message>
    <message>
        <source>Threads for what the processor does. Default: one for each core this process may use.</source>
        <translation>Threads für das, was der Prozessor tut. Vorgabe: einer für jeden Kern, den dieser Prozess nutzen darf.</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>%1 (not there)</source>
        <translation>%1 (nicht da)</translation>
    </message>
    <message>
        <source>The text whose loss decides which features are salient: .txt, .jsonl or .jsonl.gz, like what the model will see. The sequences of the next group are cut from it. The paper takes WikiText-2 and finds that another text changes little (MixLLM §4.11).</source>
        <translation>Der Text, dessen Verlust entscheidet, welche Merkmale salient sind: .txt, .jsonl oder .jsonl.gz, ähnlich dem, was das Modell sehen wird. Die Sequenzen der nächsten Gruppe werden daraus geschnitten. Die Arbeit nimmt WikiText-2 und findet, dass ein anderer Text wenig ändert (MixLLM §4.11).</translation>
    </message>
    <message>
        <source>The text on which budgets are measured; never the calibration text itself. The paper&apos;s figures are of WikiText-2 and C4 (MixLLM §4.2, Table 1). The search does not need it.</source>
        <translation>Der Text, an dem Budgets gemessen werden; nie der Kalibrierungstext selbst. Die Zahlen der Arbeit sind von WikiText-2 und C4 (MixLLM §4.2, Tabelle 1). Die Suche braucht ihn nicht.</translation>
    </message>
    <message>
        <source>Sequences drawn from the calibration text. Default: 128, as in the paper (MixLLM §4.1). Time grows in proportion; memory does not.</source>
        <translation>Sequenzen, die aus dem Kalibrierungstext gezogen werden. Vorgabe: 128, wie in der Arbeit (MixLLM §4.1). Die Zeit wächst im selben Maß, der Speicher nicht.</translation>
    </message>
    <message>
        <source>Tokens of a sequence. Default: 2048, as in the paper (MixLLM §4.1). Time and memory grow with it.</source>
        <translation>Token einer Sequenz. Vorgabe: 2048, wie in der Arbeit (MixLLM §4.1). Zeit und Speicher wachsen mit.</translation>
    </message>
    <message>
        <source>How the loss change of rounding a feature to 4 bit is estimated. Default: |a + ½a²|, first order and empirical Fisher, the paper&apos;s equation of global salience (MixLLM §3.2, equation 4); the others are its ablations (§4.5).</source>
        <translation>Wie die Änderung des Verlusts geschätzt wird, wenn ein Merkmal auf 4 Bit gerundet wird. Vorgabe: |a + ½a²|, erste Ordnung und empirische Fisher-Matrix, die Gleichung der Arbeit für globale Salienz (MixLLM §3.2, Gleichung 4); die anderen sind ihre Ablationen (§4.5).</translation>
    </message>
    <message>
        <source>Weights that share a scale. Default: 128, as in the paper (MixLLM §4.1). Smaller groups lose less and store more scales. The search and the quantization use the same.</source>
        <translation>Gewichte, die sich eine Skala teilen. Vorgabe: 128, wie in der Arbeit (MixLLM §4.1). Kleinere Gruppen verlieren weniger und speichern mehr Skalen. Suche und Quantisierung nehmen dieselben.</translation>
    </message>
    <message>
        <source>How the weights are rounded. Default: GPTQ with clip search, as in the paper; GPTQ alone and rounding to nearest are for comparison (MixLLM §4.1, §4.5). The search does not depend on it.</source>
        <translation>Wie die Gewichte gerundet werden. Vorgabe: GPTQ mit Clip-Suche, wie in der Arbeit; GPTQ allein und einfaches Runden sind zum Vergleich (MixLLM §4.1, §4.5). Die Suche hängt nicht davon ab.</translation>
    </message>
    <message>
        <source>Shrinks each group&apos;s range by 0.80 to 1.00 and keeps what gives the smallest output error. Default: on with the method, off with the comparisons (MixLLM §4.1, §4.5).</source>
        <translation>Verkleinert den Bereich jeder Gruppe auf das 0,80- bis 1,00-Fache und behält, was den kleinsten Ausgabefehler gibt. Vorgabe: an bei der Methode, aus bei den Vergleichen (MixLLM §4.1, §4.5).</translation>
    </message>
    <message>
        <source>Added to the Hessian&apos;s diagonal, as a share of its mean. Default: 0.01, GPTQ&apos;s own (arXiv 2210.17323).</source>
        <translation>Wird zur Diagonale der Hesse-Matrix addiert, als Anteil ihres Mittels. Vorgabe: 0,01, die von GPTQ (arXiv 2210.17323).</translation>
    </message>
    <message>
        <source>Perplexity is measured on windows of this many tokens that do not overlap. Default: 2048, as in the paper (MixLLM §4.2, Table 1).</source>
        <translation>Die Perplexität wird an Fenstern aus so vielen Token gemessen, die sich nicht überlappen. Vorgabe: 2048, wie in der Arbeit (MixLLM §4.2, Tabelle 1).</translation>
    </message>
    <message>
        <source>Nothing to search</source>
        <translation>Nichts zu durchsuchen</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>Modell öffnen</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>Noch kein Modell</translation>
    </message>
    <message>
        <source>Open a model, or the sample that comes with the studio.</source>
        <translation>Ein Modell öffnen oder das Beispiel, das dem Studio beiliegt.</translation>
    </message>
</context>
<context>
    <name>salient::ui::Session</name>
    <message>
        <source>%1 is the calibration text now</source>
        <translation>%1 ist jetzt der Kalibrierungstext</translation>
    </message>
    <message>
        <source>a model&apos;s directory, a scores file, an experiment file or a text (.txt, .jsonl)</source>
        <translation>das Verzeichnis eines Modells, eine Bewertungsdatei, eine Experimentdatei oder ein Text (.txt, .jsonl)</translation>
    </message>
    <message>
        <source>something else, or nothing that can be read</source>
        <translation>etwas anderes oder nichts, was sich lesen lässt</translation>
    </message>
    <message>
        <source>A model is a directory with config.json, *.safetensors and the tokenizer&apos;s files.</source>
        <translation>Ein Modell ist ein Verzeichnis mit config.json, *.safetensors und den Dateien des Tokenizers.</translation>
    </message>
    <message>
        <source>%1: expected %2, found %3</source>
        <translation>%1: erwartet %2, gefunden %3</translation>
    </message>
    <message>
        <source>Settings of the sample</source>
        <translation>Einstellungen des Beispiels</translation>
    </message>
    <message>
        <source>scores of %1</source>
        <translation>Bewertungen von %1</translation>
    </message>
    <message>
        <source>scores of a model with other shapes</source>
        <translation>Bewertungen eines Modells mit anderen Formen</translation>
    </message>
    <message>
        <source>Open the model they belong to, or search this one.</source>
        <translation>Das Modell öffnen, zu dem sie gehören, oder dieses durchsuchen.</translation>
    </message>
    <message>
        <source>%1 is packed already. The search needs the 16-bit model it was made from.</source>
        <translation>%1 ist schon gepackt. Die Suche braucht das 16-Bit-Modell, aus dem es gemacht wurde.</translation>
    </message>
    <message>
        <source>There is no model to search yet.</source>
        <translation>Es gibt noch kein Modell zum Durchsuchen.</translation>
    </message>
</context>
<context>
    <name>salient::ui::ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Find an action</source>
        <translation>Aktion suchen</translation>
    </message>
    <message>
        <source>Actions and their shortcuts</source>
        <translation>Aktionen und ihre Tastenkürzel</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>Shortcut</source>
        <translation>Kürzel</translation>
    </message>
    <message>
        <source>New shortcut of the chosen action</source>
        <translation>Neues Kürzel der gewählten Aktion</translation>
    </message>
    <message>
        <source>Press the new keys</source>
        <translation>Die neuen Tasten drücken</translation>
    </message>
    <message>
        <source>&amp;Shortcut:</source>
        <translation>Kür&amp;zel:</translation>
    </message>
    <message>
        <source>&amp;Change</source>
        <translation>Än&amp;dern</translation>
    </message>
    <message>
        <source>&amp;None</source>
        <translation>&amp;Keines</translation>
    </message>
    <message>
        <source>Takes the shortcut away from the chosen action</source>
        <translation>Nimmt der gewählten Aktion das Kürzel weg</translation>
    </message>
    <message>
        <source>%1 belongs to “%2” already: change that one first.</source>
        <translation>%1 gehört schon zu „%2“: zuerst dort ändern.</translation>
    </message>
    <message>
        <source>In a chart (fixed)</source>
        <translation>In einem Diagramm (fest)</translation>
    </message>
    <message>
        <source>Go from value to value</source>
        <translation>Von Wert zu Wert gehen</translation>
    </message>
    <message>
        <source>Go ten values at once</source>
        <translation>Zehn Werte auf einmal gehen</translation>
    </message>
    <message>
        <source>Open or choose what is marked</source>
        <translation>Markiertes öffnen oder wählen</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Move what is seen</source>
        <translation>Den Ausschnitt verschieben</translation>
    </message>
    <message>
        <source>Show everything again</source>
        <translation>Wieder alles zeigen</translation>
    </message>
</context>
<context>
    <name>salient::ui::StageList</name>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>%1, %2 left</source>
        <translation>%1, noch %2</translation>
    </message>
</context>
<context>
    <name>salient::ui::StartPage</name>
    <message>
        <source>Turns a 16-bit language model into a packed one that mixes 4 and 8 bit between output features, and shows at every step what that costs and what it buys.</source>
        <translation>Macht aus einem 16-Bit-Sprachmodell ein gepacktes, das 4 und 8 Bit zwischen den Ausgabemerkmalen mischt, und zeigt bei jedem Schritt, was das kostet und was es bringt.</translation>
    </message>
    <message>
        <source>A model is being opened</source>
        <translation>Ein Modell wird geöffnet</translation>
    </message>
    <message>
        <source>Not finished yet</source>
        <translation>Noch nicht fertig</translation>
    </message>
    <message>
        <source>Recent &amp;models</source>
        <translation>Zuletzt geöffnete &amp;Modelle</translation>
    </message>
    <message>
        <source>Recent &amp;experiment files</source>
        <translation>Zuletzt geöffnete &amp;Experimentdateien</translation>
    </message>
    <message>
        <source>Opening %1 …</source>
        <translation>%1 wird geöffnet …</translation>
    </message>
    <message>
        <source>This model cannot be opened</source>
        <translation>Dieses Modell lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>These scores cannot be opened</source>
        <translation>Diese Bewertungen lassen sich nicht öffnen</translation>
    </message>
    <message>
        <source>This cannot be opened</source>
        <translation>Dies lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>Drop a model&apos;s directory anywhere in this window, or scores, an experiment file, a text.</source>
        <translation>Das Verzeichnis eines Modells irgendwo in dieses Fenster ziehen, oder Bewertungen, eine Experimentdatei, einen Text.</translation>
    </message>
    <message>
        <source>&amp;Open a model …</source>
        <translation>Modell ö&amp;ffnen …</translation>
    </message>
    <message>
        <source>A directory in Hugging Face&apos;s layout: config.json, *.safetensors and the tokenizer&apos;s files</source>
        <translation>Ein Verzeichnis im Aufbau von Hugging Face: config.json, *.safetensors und die Dateien des Tokenizers</translation>
    </message>
    <message>
        <source>Open a &amp;file …</source>
        <translation>&amp;Datei öffnen …</translation>
    </message>
    <message>
        <source>Scores of an earlier search, an experiment file, or a calibration text</source>
        <translation>Bewertungen einer früheren Suche, eine Experimentdatei oder ein Kalibrierungstext</translation>
    </message>
    <message>
        <source>Open the &amp;sample</source>
        <translation>&amp;Beispiel öffnen</translation>
    </message>
    <message>
        <source>A model of 5.8 million parameters that comes with Salient: the whole way takes a few minutes</source>
        <translation>Ein Modell mit 5,8 Millionen Parametern, das Salient beiliegt: der ganze Weg dauert ein paar Minuten</translation>
    </message>
    <message>
        <source>Enter or a double click opens the model; Delete takes it off the list</source>
        <translation>Eingabe oder Doppelklick öffnet das Modell; Entf nimmt es von der Liste</translation>
    </message>
    <message>
        <source>Enter or a double click opens the file; Delete takes it off the list</source>
        <translation>Eingabe oder Doppelklick öffnet die Datei; Entf nimmt sie von der Liste</translation>
    </message>
    <message>
        <source>Take off the list</source>
        <translation>Von der Liste nehmen</translation>
    </message>
    <message>
        <source>%1  —  %2</source>
        <translation>%1  —  %2</translation>
    </message>
    <message>
        <source>No model was opened yet.</source>
        <translation>Noch kein Modell wurde geöffnet.</translation>
    </message>
    <message>
        <source>No other experiment file was opened yet.</source>
        <translation>Noch keine andere Experimentdatei wurde geöffnet.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Resume %1</source>
        <translation>%1 fortsetzen</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>Modell öffnen</translation>
    </message>
    <message>
        <source>Open scores, experiments or a text</source>
        <translation>Bewertungen, Experimente oder Text öffnen</translation>
    </message>
    <message>
        <source>What Salient reads (*.scores *.db *.txt *.jsonl *.jsonl.gz *.ndjson);;All files (*)</source>
        <translation>Was Salient liest (*.scores *.db *.txt *.jsonl *.jsonl.gz *.ndjson);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>%1  (in use)</source>
        <translation>%1  (in Gebrauch)</translation>
    </message>
</context>
<context>
    <name>salient::ui::TensorTableModel</name>
    <message>
        <source>%1 bytes</source>
        <translation>%1 Bytes</translation>
    </message>
    <message>
        <source>%1 values</source>
        <translation>%1 Werte</translation>
    </message>
    <message>
        <source>scalar</source>
        <translation>Skalar</translation>
    </message>
    <message>
        <source>Tensor</source>
        <translation>Tensor</translation>
    </message>
    <message>
        <source>Data type</source>
        <translation>Datentyp</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Form</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>Bytes</translation>
    </message>
</context>
<context>
    <name>salient::ui::WorkerClient</name>
    <message>
        <source>the program salient, which does the computing</source>
        <translation>das Programm salient, das rechnet</translation>
    </message>
    <message>
        <source>Install it beside salient-studio, or set SALIENT_PROGRAM to where it is.</source>
        <translation>Es neben salient-studio installieren oder SALIENT_PROGRAM auf seinen Ort setzen.</translation>
    </message>
    <message>
        <source>%1 could not be started: %2</source>
        <translation>%1 ließ sich nicht starten: %2</translation>
    </message>
    <message>
        <source>an answer</source>
        <translation>eine Antwort</translation>
    </message>
    <message>
        <source>What was finished is kept: resume goes on from there.</source>
        <translation>Was fertig war, bleibt: Fortsetzen macht dort weiter.</translation>
    </message>
    <message>
        <source>the computing process did not answer and was ended from the studio</source>
        <translation>der rechnende Prozess antwortete nicht und wurde vom Studio beendet</translation>
    </message>
    <message>
        <source>the computing process was killed (signal 9), as the system does when memory runs out</source>
        <translation>der rechnende Prozess wurde getötet (Signal 9), wie es das System tut, wenn der Speicher ausgeht</translation>
    </message>
    <message>
        <source>Close other programs, or use fewer or shorter sequences. %1</source>
        <translation>Andere Programme schließen oder weniger oder kürzere Sequenzen nehmen. %1</translation>
    </message>
    <message>
        <source>the computing process crashed (signal %1, %2)</source>
        <translation>der rechnende Prozess stürzte ab (Signal %1, %2)</translation>
    </message>
    <message>
        <source>the computing process ended with exit code %1</source>
        <translation>der rechnende Prozess endete mit dem Code %1</translation>
    </message>
    <message>
        <source>; it said: %1</source>
        <translation>; er sagte: %1</translation>
    </message>
</context>
<context>
    <name>salient::ui::BudgetControls</name>
    <message>
        <source>Percent</source>
        <translation>Prozent</translation>
    </message>
    <message>
        <source>Average bits</source>
        <translation>Mittlere Bits</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Budget</source>
        <translation>Budget</translation>
    </message>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>8-bit &amp;features</source>
        <translation>8-Bit-&amp;Merkmale</translation>
    </message>
    <message>
        <source> bits</source>
        <translation> Bit</translation>
    </message>
    <message>
        <source>&amp;Average bits</source>
        <translation>Mi&amp;ttlere Bits</translation>
    </message>
    <message>
        <source>&amp;Bytes</source>
        <translation>&amp;Bytes</translation>
    </message>
    <message>
        <source>Bytes of all quantized linears as they are stored. An upper limit. You may type 4GiB or 500MB.</source>
        <translation>Bytes aller quantisierten Linearschichten, wie sie gespeichert werden. Eine Obergrenze. 4GiB oder 500MB dürfen eingetippt werden.</translation>
    </message>
    <message>
        <source>The slider moves this reading, and the recipe holds it. %1</source>
        <translation>Der Regler bewegt diese Größe, und das Rezept hält sie fest. %1</translation>
    </message>
    <message>
        <source>Who comes first</source>
        <translation>Wer zuerst kommt</translation>
    </message>
    <message>
        <source>&amp;Rank by:</source>
        <translation>&amp;Rang nach:</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>Rang</translation>
    </message>
    <message>
        <source>Salience</source>
        <translation>Salienz</translation>
    </message>
    <message>
        <source>Salience per extra byte</source>
        <translation>Salienz je zusätzlichem Byte</translation>
    </message>
    <message>
        <source>&amp;Unit:</source>
        <translation>&amp;Einheit:</translation>
    </message>
    <message>
        <source>Granularity</source>
        <translation>Körnung</translation>
    </message>
    <message>
        <source>Output features</source>
        <translation>Ausgabemerkmale</translation>
    </message>
    <message>
        <source>Whole linears</source>
        <translation>Ganze Linearschichten</translation>
    </message>
    <message>
        <source>S&amp;election:</source>
        <translation>Aus&amp;wahl:</translation>
    </message>
    <message>
        <source>Selection</source>
        <translation>Auswahl</translation>
    </message>
    <message>
        <source>Over the whole model</source>
        <translation>Über das ganze Modell</translation>
    </message>
    <message>
        <source>Same share of every linear</source>
        <translation>Gleicher Anteil jeder Linearschicht</translation>
    </message>
    <message>
        <source>Random</source>
        <translation>Zufällig</translation>
    </message>
    <message>
        <source>Row multiple</source>
        <translation>Zeilenvielfaches</translation>
    </message>
    <message>
        <source>Row &amp;multiple:</source>
        <translation>&amp;Zeilenvielfaches:</translation>
    </message>
    <message>
        <source>What it gives</source>
        <translation>Was es ergibt</translation>
    </message>
    <message>
        <source>In 8 bit:</source>
        <translation>In 8 Bit:</translation>
    </message>
    <message>
        <source>Output features in 8 bit, of all that are quantized.</source>
        <translation>Ausgabemerkmale in 8 Bit, von allen, die quantisiert werden.</translation>
    </message>
    <message>
        <source>Payload:</source>
        <translation>Nutzlast:</translation>
    </message>
    <message>
        <source>Effective:</source>
        <translation>Effektiv:</translation>
    </message>
    <message>
        <source>Size:</source>
        <translation>Größe:</translation>
    </message>
    <message>
        <source>The quantized linears as stored, and what that is of the same linears in 16 bit. Embeddings, norms and head stay in 16 bit and are not counted.</source>
        <translation>Die quantisierten Linearschichten, wie gespeichert, und was das von denselben in 16 Bit ist. Einbettungen, Normen und Ausgabeschicht bleiben in 16 Bit und zählen nicht mit.</translation>
    </message>
    <message>
        <source>Σ salience left:</source>
        <translation>Σ Salienz übrig:</translation>
    </message>
    <message>
        <source>Predicted speed:</source>
        <translation>Erwartetes Tempo:</translation>
    </message>
    <message>
        <source>Speed from:</source>
        <translation>Tempo aus:</translation>
    </message>
    <message>
        <source>This recipe gives every linear the same bits. Move the slider to choose by salience.</source>
        <translation>Dieses Rezept gibt jeder Linearschicht dieselben Bits. Den Regler bewegen, um nach Salienz zu wählen.</translation>
    </message>
    <message>
        <source>%1 (%2 of %3)</source>
        <translation>%1 (%2 von %3)</translation>
    </message>
    <message>
        <source>%1, %2 of 16 bit</source>
        <translation>%1, %2 von 16 Bit</translation>
    </message>
    <message>
        <source>Generating one sequence reads every quantized linear once a token, and the head and norms in 16 bit beside them (%1): tokens a second are bytes read a second (%2) over bytes a token. %3</source>
        <translation>Beim Schreiben einer Sequenz wird für jedes Token jede quantisierte Linearschicht einmal gelesen, dazu Ausgabeschicht und Normen in 16 Bit (%1): Token je Sekunde sind gelesene Bytes je Sekunde (%2) durch Bytes je Token. %3</translation>
    </message>
    <message>
        <source>%1/s</source>
        <translation>%1/s</translation>
    </message>
    <message>
        <source>The bytes a second are the median of this model&apos;s experiments that generated on this processor.</source>
        <translation>Die Bytes je Sekunde sind der Median der Experimente dieses Modells, die auf diesem Prozessor geschrieben haben.</translation>
    </message>
    <message>
        <source>No experiment of this model has generated on this processor yet, so it is the speed at which this machine reads memory: a limit no engine exceeds.</source>
        <translation>Noch kein Experiment dieses Modells hat auf diesem Prozessor geschrieben; darum ist es das Tempo, mit dem diese Maschine Speicher liest: eine Grenze, die kein Rechenwerk überschreitet.</translation>
    </message>
    <message>
        <source>How much may be stored: moves the reading that is chosen below from everything in 4 bit to everything in 8 bit. Default: 10 % of the output features, one of the paper&apos;s settings (p10; MixLLM §4.1, Table 1).</source>
        <translation>Wie viel gespeichert werden darf: bewegt die unten gewählte Angabe von allem in 4 Bit bis zu allem in 8 Bit. Vorgabe: 10 % der Ausgabemerkmale, eine der Einstellungen der Arbeit (p10; MixLLM §4.1, Tabelle 1).</translation>
    </message>
    <message>
        <source>Share of all output features that get 8 bit, by count, as in the paper (MixLLM §3.2, Algorithm 1).</source>
        <translation>Anteil aller Ausgabemerkmale, die 8 Bit bekommen, nach Anzahl, wie in der Arbeit (MixLLM §3.2, Algorithmus 1).</translation>
    </message>
    <message>
        <source>Effective bits a weight: codes, scales, zeros and row indices, all counted. An upper limit. The paper&apos;s “W4.4” counts the codes alone (MixLLM Table 1): see the payload below.</source>
        <translation>Effektive Bits je Gewicht: Codes, Skalen, Nullpunkte und Zeilenindizes, alles gezählt. Eine Obergrenze. „W4.4“ der Arbeit zählt nur die Codes (MixLLM Tabelle 1): siehe die Nutzlast unten.</translation>
    </message>
    <message>
        <source>Default: salience, as in the paper (MixLLM §3.2). A row of down_proj takes more bytes than one of q_proj; per extra byte gets more salience into a limited size.</source>
        <translation>Vorgabe: Salienz, wie in der Arbeit (MixLLM §3.2). Eine Zeile von down_proj braucht mehr Bytes als eine von q_proj; je zusätzlichem Byte bringt mehr Salienz in einer begrenzten Größe unter.</translation>
    </message>
    <message>
        <source>Default: single output features, as in the paper (MixLLM §3.1.1). Whole linears (q, k, v tied; gate, up tied) are for engines that cannot mix inside a layer.</source>
        <translation>Vorgabe: einzelne Ausgabemerkmale, wie in der Arbeit (MixLLM §3.1.1). Ganze Linearschichten (q, k, v gemeinsam; gate, up gemeinsam) sind für Rechenwerke, die innerhalb einer Schicht nicht mischen können.</translation>
    </message>
    <message>
        <source>Default: over the whole model, the method (MixLLM §3.1.1). The same share of every linear and random features are there to compare it with.</source>
        <translation>Vorgabe: über das ganze Modell, die Methode (MixLLM §3.1.1). Der gleiche Anteil jeder Linearschicht und zufällige Merkmale sind zum Vergleich da.</translation>
    </message>
    <message>
        <source>8-bit rows of a linear come in multiples of this, where a kernel&apos;s tiles are faster that way. Default: 1, no rounding. What rounding costs is shown above.</source>
        <translation>8-Bit-Zeilen einer Linearschicht kommen in Vielfachen hiervon, wo die Kacheln eines Kernels so schneller sind. Vorgabe: 1, kein Runden. Was das Runden kostet, steht oben.</translation>
    </message>
    <message>
        <source>Bits a weight, codes alone: what papers call W4.4 (MixLLM Table 1).</source>
        <translation>Bits je Gewicht, nur die Codes: was Arbeiten W4.4 nennen (MixLLM Tabelle 1).</translation>
    </message>
    <message>
        <source>Bits a weight with scales, zeros and row indices, as stored.</source>
        <translation>Bits je Gewicht mit Skalen, Nullpunkten und Zeilenindizes, wie gespeichert.</translation>
    </message>
    <message>
        <source>Sum of the scores of the features left in 4 bit, nats a calibration sequence. It ranks budgets and is no forecast: features do not add up, so the measured loss grows far less.</source>
        <translation>Summe der Bewertungen der Merkmale, die in 4 Bit bleiben, in Nat je Kalibrierungssequenz. Sie ordnet Budgets und ist keine Vorhersage: Merkmale addieren sich nicht, der gemessene Verlust wächst also viel weniger.</translation>
    </message>
    <message>
        <source>Salience lost (or, if negative, won) by rounding to the row multiple.</source>
        <translation>Salienz, die durch Runden auf das Zeilenvielfache verloren geht (oder, wenn negativ, gewonnen wird).</translation>
    </message>
    <message>
        <source>Lost to rounding:</source>
        <translation>Durchs Runden verloren:</translation>
    </message>
    <message numerus="yes">
        <source>%n experiment(s) measured here</source>
        <translation>
            <numerusform>%n hier gemessenem Experiment</numerusform>
            <numerusform>%n hier gemessenen Experimenten</numerusform>
        </translation>
    </message>
    <message>
        <source>the speed of memory, at most</source>
        <translation>dem Tempo des Speichers, höchstens</translation>
    </message>
</context>
<context>
    <name>salient::ui::BudgetCurve</name>
    <message>
        <source>Salience left in 4 bit, and what was measured</source>
        <translation>Salienz in 4 Bit und Messungen</translation>
    </message>
    <message>
        <source>Measured figure</source>
        <translation>Gemessene Größe</translation>
    </message>
    <message>
        <source>KL divergence</source>
        <translation>KL-Divergenz</translation>
    </message>
    <message>
        <source>Loss increase</source>
        <translation>Verlustzuwachs</translation>
    </message>
    <message>
        <source>Evaluation text</source>
        <translation>Auswertungstext</translation>
    </message>
    <message>
        <source>Points measured on this text. Figures of different texts cannot be compared.</source>
        <translation>Punkte, die an diesem Text gemessen wurden. Zahlen verschiedener Texte lassen sich nicht vergleichen.</translation>
    </message>
    <message>
        <source>Effective bits a weight</source>
        <translation>Effektive Bits je Gewicht</translation>
    </message>
    <message>
        <source>Σ salience left, nats a sequence</source>
        <translation>Σ Salienz übrig, Nat je Sequenz</translation>
    </message>
    <message>
        <source>predicted</source>
        <translation>vorhergesagt</translation>
    </message>
    <message>
        <source>kept budgets</source>
        <translation>gemerkte Budgets</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>experiment %1</source>
        <translation>Experiment %1</translation>
    </message>
    <message>
        <source>In 8 bit, %</source>
        <translation>In 8 Bit, %</translation>
    </message>
    <message>
        <source>Payload, bits</source>
        <translation>Nutzlast, Bit</translation>
    </message>
    <message>
        <source>Effective, bits</source>
        <translation>Effektiv, Bit</translation>
    </message>
    <message>
        <source>Size, bytes</source>
        <translation>Größe, Bytes</translation>
    </message>
    <message>
        <source>KL, nats a token</source>
        <translation>KL, Nat je Token</translation>
    </message>
    <message>
        <source>Loss increase, nats a token</source>
        <translation>Verlustzuwachs, Nat je Token</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>Token/s</translation>
    </message>
    <message>
        <source>Measured KL, nats a token</source>
        <translation>Gemessene KL, Nat je Token</translation>
    </message>
    <message>
        <source>Measured loss increase, nats a token</source>
        <translation>Gemessener Verlustzuwachs, Nat je Token</translation>
    </message>
    <message>
        <source>Experiment %1, %2: %3 in 8 bit, effective %4, perplexity %5, KL %6</source>
        <translation>Experiment %1, %2: %3 in 8 Bit, effektiv %4, Perplexität %5, KL %6</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
    <message>
        <source>Predicted at %1 in 8 bit: effective %2, %3, Σ salience left %4; click to choose it</source>
        <translation>Vorhergesagt bei %1 in 8 Bit: effektiv %2, %3, Σ Salienz übrig %4; ein Klick wählt es</translation>
    </message>
    <message>
        <source>Chosen: %1 in 8 bit, effective %2, Σ salience left %3</source>
        <translation>Gewählt: %1 in 8 Bit, effektiv %2, Σ Salienz übrig %3</translation>
    </message>
    <message>
        <source>measured, GPTQ with clip search</source>
        <translation>gemessen, GPTQ mit Clip-Suche</translation>
    </message>
    <message>
        <source>measured, GPTQ</source>
        <translation>gemessen, GPTQ</translation>
    </message>
    <message>
        <source>measured, round to nearest</source>
        <translation>gemessen, einfaches Runden</translation>
    </message>
    <message>
        <source>What the measured points show on the right axis: the KL divergence of the quantized from the 16-bit model, or the increase of the mean loss, ln(perplexity / perplexity of 16 bit); both in nats a token. The right axis is scaled so that the points lie on the curve in the middle: their shape can be compared with the prediction, not their height.</source>
        <translation>Was die gemessenen Punkte an der rechten Achse zeigen: die KL-Divergenz des quantisierten vom 16-Bit-Modell oder die Zunahme des mittleren Verlusts, ln(Perplexität / Perplexität von 16 Bit); beide in Nat je Token. Die rechte Achse ist so skaliert, dass die Punkte im Mittel auf der Kurve liegen: Ihre Form lässt sich mit der Vorhersage vergleichen, nicht ihre Höhe.</translation>
    </message>
    <message>
        <source>Ranking the output features…</source>
        <translation>Die Ausgabemerkmale werden geordnet …</translation>
    </message>
</context>
<context>
    <name>salient::ui::BudgetMap</name>
    <message>
        <source>8-bit share of each linear</source>
        <translation>8-Bit-Anteil jeder Linearschicht</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>8-bit share, %</source>
        <translation>8-Bit-Anteil, %</translation>
    </message>
    <message>
        <source>Projection</source>
        <translation>Projektion</translation>
    </message>
    <message>
        <source>8-bit features</source>
        <translation>8-Bit-Merkmale</translation>
    </message>
    <message>
        <source>Features</source>
        <translation>Merkmale</translation>
    </message>
    <message>
        <source>%1: %2 in 8 bit (%3 of %4 features)</source>
        <translation>%1: %2 in 8 Bit (%3 von %4 Merkmalen)</translation>
    </message>
</context>
<context>
    <name>salient::ui::BudgetPage</name>
    <message>
        <source>&amp;Keep this budget</source>
        <translation>&amp;Merken</translation>
    </message>
    <message>
        <source>Puts the budget into the list below, under the name beside it</source>
        <translation>Setzt das Budget unter dem Namen daneben in die Liste unten</translation>
    </message>
    <message>
        <source>&amp;Measure</source>
        <translation>M&amp;essen</translation>
    </message>
    <message>
        <source>Quantizes with the selected budgets and measures them on the evaluation text, one after the other, as jobs; without a selection all that were not measured yet</source>
        <translation>Quantisiert mit den ausgewählten Budgets und misst sie am Auswertungstext, nacheinander, als Aufträge; ohne Auswahl alle, die noch nicht gemessen wurden</translation>
    </message>
    <message>
        <source>&amp;Take over</source>
        <translation>Ü&amp;bernehmen</translation>
    </message>
    <message>
        <source>Makes the selected budget the recipe again; can be undone</source>
        <translation>Macht das ausgewählte Budget wieder zum Rezept; lässt sich rückgängig machen</translation>
    </message>
    <message>
        <source>Remove from the &amp;list</source>
        <translation>Von der &amp;Liste nehmen</translation>
    </message>
    <message>
        <source>Forgets the selected budgets; what was measured stays</source>
        <translation>Vergisst die ausgewählten Budgets; Gemessenes bleibt</translation>
    </message>
    <message>
        <source>Measured points cannot be read</source>
        <translation>Gemessene Punkte lassen sich nicht lesen</translation>
    </message>
    <message>
        <source>The list cannot be kept</source>
        <translation>Die Liste lässt sich nicht aufheben</translation>
    </message>
    <message>
        <source>Name of the budget</source>
        <translation>Name des Budgets</translation>
    </message>
    <message>
        <source>The name to keep the budget under; empty: what it is</source>
        <translation>Der Name, unter dem das Budget gemerkt wird; leer: was es ist</translation>
    </message>
    <message>
        <source>&amp;Name:</source>
        <translation>&amp;Name:</translation>
    </message>
    <message>
        <source>Kept budgets</source>
        <translation>Gemerkte Budgets</translation>
    </message>
    <message>
        <source>Ranking the output features…</source>
        <translation>Die Ausgabemerkmale werden geordnet …</translation>
    </message>
    <message>
        <source>No scores yet</source>
        <translation>Noch keine Bewertungen</translation>
    </message>
    <message>
        <source>A search finds out how much each output feature of the model matters; a budget then takes milliseconds.</source>
        <translation>Eine Suche findet heraus, wie viel jedes Ausgabemerkmal des Modells zählt; ein Budget dauert danach Millisekunden.</translation>
    </message>
    <message>
        <source>Search first</source>
        <translation>Zuerst suchen</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>Noch kein Modell</translation>
    </message>
    <message>
        <source>Open a model, or the sample that comes with the studio.</source>
        <translation>Ein Modell öffnen oder das Beispiel, das dem Studio beiliegt.</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>Modell öffnen</translation>
    </message>
    <message>
        <source>Kept: %1</source>
        <translation>Gemerkt: %1</translation>
    </message>
    <message>
        <source>Queued to be quantized: %1. Without an evaluation text nothing is measured.</source>
        <translation>Zum Quantisieren in der Schlange: %1. Ohne Auswertungstext wird nichts gemessen.</translation>
    </message>
    <message>
        <source>Queued to be measured: %1</source>
        <translation>Zum Messen in der Schlange: %1</translation>
    </message>
    <message>
        <source>Budget</source>
        <translation>Budget</translation>
    </message>
    <message>
        <source>No scores</source>
        <translation>Keine Bewertungen</translation>
    </message>
    <message>
        <source>Keep budgets under names here, then measure them one after the other.</source>
        <translation>Hier Budgets unter Namen merken und sie dann nacheinander messen.</translation>
    </message>
</context>
<context>
    <name>salient::ui::ByteBox</name>
    <message>
        <source>%1 B</source>
        <translation>%1 B</translation>
    </message>
</context>
<context>
    <name>salient::ui::SalienceFeature</name>
    <message>
        <source>The feature with the next greater score</source>
        <translation>Das Merkmal mit der nächstgrößeren Bewertung</translation>
    </message>
    <message>
        <source>The feature with the next smaller score</source>
        <translation>Das Merkmal mit der nächstkleineren Bewertung</translation>
    </message>
    <message>
        <source>The feature among all of the model</source>
        <translation>Das Merkmal unter allen des Modells</translation>
    </message>
    <message>
        <source>Score, nats</source>
        <translation>Bewertung, Nat</translation>
    </message>
    <message>
        <source>Output features</source>
        <translation>Ausgabemerkmale</translation>
    </message>
    <message>
        <source>Scores from, nats</source>
        <translation>Bewertungen von, Nat</translation>
    </message>
    <message>
        <source>to, nats</source>
        <translation>bis, Nat</translation>
    </message>
    <message>
        <source>This feature</source>
        <translation>Dieses Merkmal</translation>
    </message>
    <message>
        <source>here</source>
        <translation>hier</translation>
    </message>
    <message>
        <source>Its weights in the 16-bit model</source>
        <translation>Seine Gewichte im 16-Bit-Modell</translation>
    </message>
    <message>
        <source>Weight</source>
        <translation>Gewicht</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Weights from</source>
        <translation>Gewichte von</translation>
    </message>
    <message>
        <source>to</source>
        <translation>bis</translation>
    </message>
    <message>
        <source>Scales of its groups</source>
        <translation>Skalen seiner Gruppen</translation>
    </message>
    <message>
        <source>Group of inputs</source>
        <translation>Gruppe von Eingängen</translation>
    </message>
    <message>
        <source>4 bit, asymmetric</source>
        <translation>4 Bit, asymmetrisch</translation>
    </message>
    <message>
        <source>8 bit, symmetric</source>
        <translation>8 Bit, symmetrisch</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>Gruppe</translation>
    </message>
    <message>
        <source>Inputs</source>
        <translation>Eingänge</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 bis %2</translation>
    </message>
    <message>
        <source>Scale in 4 bit</source>
        <translation>Skala in 4 Bit</translation>
    </message>
    <message>
        <source>Scale in 8 bit</source>
        <translation>Skala in 8 Bit</translation>
    </message>
    <message>
        <source>Counting…</source>
        <translation>Wird gezählt …</translation>
    </message>
    <message>
        <source>Reading the weights…</source>
        <translation>Die Gewichte werden gelesen …</translation>
    </message>
    <message>
        <source>Open the model that was searched to see its weights.</source>
        <translation>Das durchsuchte Modell öffnen, um seine Gewichte zu sehen.</translation>
    </message>
    <message>
        <source>All scores of this model are 0.</source>
        <translation>Alle Bewertungen dieses Modells sind 0.</translation>
    </message>
    <message>
        <source>Score %1</source>
        <translation>Bewertung %1</translation>
    </message>
    <message>
        <source>%1: place %2 of %3 in the model, greater than %4 of the others; place %5 of %6 in the linear</source>
        <translation>%1: Platz %2 von %3 im Modell, größer als %4 der anderen; Platz %5 von %6 in der Linearschicht</translation>
    </message>
    <message>
        <source>%1. In 8 bit.</source>
        <translation>%1. In 8 Bit.</translation>
    </message>
    <message>
        <source>%1. In 4 bit.</source>
        <translation>%1. In 4 Bit.</translation>
    </message>
    <message>
        <source>Scores from %1 to %2 nats: %3 features</source>
        <translation>Bewertungen von %1 bis %2 Nat: %3 Merkmale</translation>
    </message>
    <message>
        <source>Weights from %1 to %2: %3</source>
        <translation>Gewichte von %1 bis %2: %3</translation>
    </message>
    <message>
        <source>Group %1: scale %2 in 4 bit, %3 in 8 bit</source>
        <translation>Gruppe %1: Skala %2 in 4 Bit, %3 in 8 Bit</translation>
    </message>
    <message>
        <source>Step between two values</source>
        <translation>Schritt zwischen zwei Werten</translation>
    </message>
</context>
<context>
    <name>salient::ui::SalienceLinear</name>
    <message>
        <source>Scores of the output features, greatest first</source>
        <translation>Bewertungen der Ausgabemerkmale, größte zuerst</translation>
    </message>
    <message>
        <source>Place in the linear</source>
        <translation>Platz in der Linearschicht</translation>
    </message>
    <message>
        <source>Score, nats</source>
        <translation>Bewertung, Nat</translation>
    </message>
    <message>
        <source>8 bit</source>
        <translation>8 Bit</translation>
    </message>
    <message>
        <source>4 bit</source>
        <translation>4 Bit</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Platz</translation>
    </message>
    <message>
        <source>Output feature</source>
        <translation>Ausgabemerkmal</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>Bits</translation>
    </message>
    <message>
        <source>Distribution of the scores</source>
        <translation>Verteilung der Bewertungen</translation>
    </message>
    <message>
        <source>Output features</source>
        <translation>Merkmale</translation>
    </message>
    <message>
        <source>Scores from, nats</source>
        <translation>Bewertungen von, Nat</translation>
    </message>
    <message>
        <source>to, nats</source>
        <translation>bis, Nat</translation>
    </message>
    <message>
        <source>In 8 bit</source>
        <translation>In 8 Bit</translation>
    </message>
    <message>
        <source>Sorting the scores…</source>
        <translation>Die Bewertungen werden sortiert …</translation>
    </message>
    <message>
        <source>All scores of this linear are 0.</source>
        <translation>Alle Bewertungen dieser Linearschicht sind 0.</translation>
    </message>
    <message>
        <source>%1 output features of %2 inputs, %3 in 8 bit (%4).</source>
        <translation>%1 Ausgabemerkmale mit %2 Eingängen, %3 in 8 Bit (%4).</translation>
    </message>
    <message>
        <source>Features with a score above %1 are in 8 bit.</source>
        <translation>Merkmale mit einer Bewertung über %1 sind in 8 Bit.</translation>
    </message>
    <message>
        <source>%1 scores are 0 and not drawn.</source>
        <translation>%1 Bewertungen sind 0 und nicht gezeichnet.</translation>
    </message>
    <message>
        <source>Place %1 of %2: output feature %3, score %4, %5 bit</source>
        <translation>Platz %1 von %2: Ausgabemerkmal %3, Bewertung %4, %5 Bit</translation>
    </message>
    <message>
        <source>Scores from %1 to %2 nats: %3 features, %4 in 8 bit</source>
        <translation>Bewertungen von %1 bis %2 Nat: %3 Merkmale, %4 in 8 Bit</translation>
    </message>
</context>
<context>
    <name>salient::ui::SalienceOverview</name>
    <message>
        <source>8-bit features of each linear</source>
        <translation>8-Bit-Merkmale jeder Linearschicht</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>Output features in 8 bit, %</source>
        <translation>Ausgabemerkmale in 8 Bit, %</translation>
    </message>
    <message>
        <source>Projection</source>
        <translation>Projektion</translation>
    </message>
    <message>
        <source>8-bit share, %</source>
        <translation>8-Bit-Anteil, %</translation>
    </message>
    <message>
        <source>8-bit features</source>
        <translation>8-Bit-Merkmale</translation>
    </message>
    <message>
        <source>Features</source>
        <translation>Merkmale</translation>
    </message>
    <message>
        <source>Inputs</source>
        <translation>Eingänge</translation>
    </message>
    <message>
        <source>Mean score, nats</source>
        <translation>Mittlere Bewertung, Nat</translation>
    </message>
    <message>
        <source>Greatest score, nats</source>
        <translation>Größte Bewertung, Nat</translation>
    </message>
    <message>
        <source>Sum of scores, nats</source>
        <translation>Summe der Bewertungen, Nat</translation>
    </message>
    <message>
        <source>Layers by projections</source>
        <translation>Schichten und Projektionen</translation>
    </message>
    <message>
        <source>What the cells show</source>
        <translation>Was die Felder zeigen</translation>
    </message>
    <message>
        <source>What the cells show: the share of 8-bit features under the recipe&apos;s budget, or the scores themselves (logarithmic), each feature&apos;s estimated change of the loss, summed over the calibration sequences.</source>
        <translation>Was die Felder zeigen: den Anteil der 8-Bit-Merkmale unter dem Budget des Rezepts oder die Bewertungen selbst (logarithmisch): die geschätzte Änderung des Verlusts durch jedes Merkmal, summiert über die Kalibrierungssequenzen.</translation>
    </message>
    <message>
        <source>8-bit share</source>
        <translation>8-Bit-Anteil</translation>
    </message>
    <message>
        <source>Mean score</source>
        <translation>Mittlere Bewertung</translation>
    </message>
    <message>
        <source>Sum of scores</source>
        <translation>Summe der Bewertungen</translation>
    </message>
    <message>
        <source>Of the model&apos;s sum, %</source>
        <translation>Von der Summe des Modells, %</translation>
    </message>
    <message>
        <source>%1: %2 in 8 bit (%3 of %4 features); scores: mean %5, sum %6</source>
        <translation>%1: %2 in 8 Bit (%3 von %4 Merkmalen); Bewertungen: Mittel %5, Summe %6</translation>
    </message>
    <message>
        <source>Averages by class</source>
        <translation>Mittel je Klasse</translation>
    </message>
    <message>
        <source>%1: %2 in 8 bit (%3 of %4); %5 of the salience</source>
        <translation>%1: %2 in 8 Bit (%3 von %4); %5 der Salienz</translation>
    </message>
</context>
<context>
    <name>salient::ui::SaliencePage</name>
    <message>
        <source>One level up</source>
        <translation>Eine Ebene höher</translation>
    </message>
    <message>
        <source>Whole model</source>
        <translation>Ganzes Modell</translation>
    </message>
    <message>
        <source>Salience</source>
        <translation>Salienz</translation>
    </message>
    <message>
        <source>The whole model</source>
        <translation>Das ganze Modell</translation>
    </message>
    <message>
        <source>All output features of this linear</source>
        <translation>Alle Ausgabemerkmale dieser Linearschicht</translation>
    </message>
    <message>
        <source>Change &amp;budget…</source>
        <translation>&amp;Budget ändern …</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>%1 in 8 bit · payload %2, effective %3</source>
        <translation>%1 in 8 Bit · Nutzlast %2, effektiv %3</translation>
    </message>
    <message>
        <source>The recipe gives every linear the same bits</source>
        <translation>Das Rezept gibt jeder Linearschicht dieselben Bits</translation>
    </message>
    <message>
        <source>Ranking the output features…</source>
        <translation>Die Ausgabemerkmale werden geordnet …</translation>
    </message>
    <message>
        <source>These options do not go together</source>
        <translation>Diese Optionen passen nicht zusammen</translation>
    </message>
    <message>
        <source>No scores yet</source>
        <translation>Noch keine Bewertungen</translation>
    </message>
    <message>
        <source>A search finds out how much each output feature of the model matters.</source>
        <translation>Eine Suche findet heraus, wie viel jedes Ausgabemerkmal des Modells zählt.</translation>
    </message>
    <message>
        <source>Search first</source>
        <translation>Zuerst suchen</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>Noch kein Modell</translation>
    </message>
    <message>
        <source>Open a model, or the sample that comes with the studio.</source>
        <translation>Ein Modell öffnen oder das Beispiel, das dem Studio beiliegt.</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>Modell öffnen</translation>
    </message>
    <message>
        <source>Output feature %1</source>
        <translation>Ausgabemerkmal %1</translation>
    </message>
    <message>
        <source>No scores</source>
        <translation>Keine Bewertungen</translation>
    </message>
</context>
<context>
    <name>Comparison</name>
    <message>
        <source>Features in 8 bit</source>
        <translation>Merkmale in 8 Bit</translation>
    </message>
    <message>
        <source>Payload bits a weight</source>
        <translation>Nutzlast-Bits je Gewicht</translation>
    </message>
    <message>
        <source>Effective bits a weight</source>
        <translation>Effektive Bits je Gewicht</translation>
    </message>
    <message>
        <source>Quantized linears</source>
        <translation>Quantisierte Linearschichten</translation>
    </message>
    <message>
        <source>Salience left in 4 bit</source>
        <translation>Salienz, die in 4 Bit bleibt</translation>
    </message>
    <message>
        <source>Perplexity, quantized</source>
        <translation>Perplexität, quantisiert</translation>
    </message>
    <message>
        <source>Perplexity, 16 bit</source>
        <translation>Perplexität, 16 Bit</translation>
    </message>
    <message>
        <source>KL(16 bit ‖ quantized), nats a token</source>
        <translation>KL(16 Bit ‖ quantisiert), Nat je Token</translation>
    </message>
    <message>
        <source>KL(quantized ‖ 16 bit), nats a token</source>
        <translation>KL(quantisiert ‖ 16 Bit), Nat je Token</translation>
    </message>
    <message>
        <source>Same most likely token</source>
        <translation>Gleiches wahrscheinlichstes Token</translation>
    </message>
    <message>
        <source>Predicted tokens</source>
        <translation>Vorhergesagte Token</translation>
    </message>
    <message>
        <source>Speed, quantized</source>
        <translation>Tempo, quantisiert</translation>
    </message>
    <message>
        <source>Speed, 16 bit</source>
        <translation>Tempo, 16 Bit</translation>
    </message>
    <message>
        <source>Budget counted in</source>
        <translation>Budget gezählt in</translation>
    </message>
    <message>
        <source>Budget</source>
        <translation>Budget</translation>
    </message>
    <message>
        <source>Average bits of every linear</source>
        <translation>Mittlere Bits jeder Linearschicht</translation>
    </message>
    <message>
        <source>Rank by</source>
        <translation>Rang nach</translation>
    </message>
    <message>
        <source>Selection</source>
        <translation>Auswahl</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>Einheit</translation>
    </message>
    <message>
        <source>Row multiple</source>
        <translation>Zeilenvielfaches</translation>
    </message>
    <message>
        <source>Calibration: sequences</source>
        <translation>Kalibrierung: Sequenzen</translation>
    </message>
    <message>
        <source>Calibration: tokens of a sequence</source>
        <translation>Kalibrierung: Token einer Sequenz</translation>
    </message>
    <message>
        <source>Calibration: seed</source>
        <translation>Kalibrierung: Startwert</translation>
    </message>
    <message>
        <source>Estimate of the salience</source>
        <translation>Schätzung der Salienz</translation>
    </message>
    <message>
        <source>Quantization: method</source>
        <translation>Quantisierung: Methode</translation>
    </message>
    <message>
        <source>Quantization: clip search</source>
        <translation>Quantisierung: Clip-Suche</translation>
    </message>
    <message>
        <source>Quantization: group</source>
        <translation>Quantisierung: Gruppe</translation>
    </message>
    <message>
        <source>Quantization: damping</source>
        <translation>Quantisierung: Dämpfung</translation>
    </message>
    <message>
        <source>Evaluation: tokens of a window</source>
        <translation>Auswertung: Token eines Fensters</translation>
    </message>
    <message>
        <source>Evaluation: windows (0: all)</source>
        <translation>Auswertung: Fenster (0: alle)</translation>
    </message>
    <message>
        <source>Evaluation: scales</source>
        <translation>Auswertung: Skalen</translation>
    </message>
    <message>
        <source>percent of the features</source>
        <translation>Prozent der Merkmale</translation>
    </message>
    <message>
        <source>average bits</source>
        <translation>mittlere Bits</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>output features</source>
        <translation>Ausgabemerkmale</translation>
    </message>
    <message>
        <source>whole linears</source>
        <translation>ganze Linearschichten</translation>
    </message>
    <message>
        <source>salience</source>
        <translation>Salienz</translation>
    </message>
    <message>
        <source>salience per extra byte</source>
        <translation>Salienz je zusätzlichem Byte</translation>
    </message>
    <message>
        <source>over the whole model</source>
        <translation>über das ganze Modell</translation>
    </message>
    <message>
        <source>same share of every linear</source>
        <translation>gleicher Anteil jeder Linearschicht</translation>
    </message>
    <message>
        <source>random</source>
        <translation>zufällig</translation>
    </message>
    <message>
        <source>first and second order</source>
        <translation>erste und zweite Ordnung</translation>
    </message>
    <message>
        <source>second order only</source>
        <translation>nur zweite Ordnung</translation>
    </message>
    <message>
        <source>diagonal Fisher</source>
        <translation>diagonale Fisher-Matrix</translation>
    </message>
    <message>
        <source>first order only</source>
        <translation>nur erste Ordnung</translation>
    </message>
    <message>
        <source>GPTQ with clip search</source>
        <translation>GPTQ mit Clip-Suche</translation>
    </message>
    <message>
        <source>GPTQ</source>
        <translation>GPTQ</translation>
    </message>
    <message>
        <source>round to nearest</source>
        <translation>einfaches Runden</translation>
    </message>
    <message>
        <source>exact</source>
        <translation>exakt</translation>
    </message>
    <message>
        <source>folded</source>
        <translation>gefaltet</translation>
    </message>
    <message>
        <source>folded, by token</source>
        <translation>gefaltet, je Token</translation>
    </message>
    <message>
        <source>Overlap of the top five tokens</source>
        <translation>Überlappung der ersten fünf Token</translation>
    </message>
</context>
<context>
    <name>salient::ui</name>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>No. %1: %2</source>
        <translation>Nr. %1: %2</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Model&apos;s fingerprint</source>
        <translation>Fingerabdruck des Modells</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Methode</translation>
    </message>
    <message>
        <source>Calibration text</source>
        <translation>Kalibrierungstext</translation>
    </message>
    <message>
        <source>Evaluation text</source>
        <translation>Auswertungstext</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>salient %1</source>
        <translation>salient %1</translation>
    </message>
    <message>
        <source>Backend</source>
        <translation>Rechengerät</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>Begun</source>
        <translation>Begonnen</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Packed model</source>
        <translation>Gepacktes Modell</translation>
    </message>
    <message>
        <source>On %1</source>
        <translation>An %1</translation>
    </message>
    <message>
        <source>Rows that differ, %1 from %2</source>
        <translation>Verschiedene Zeilen, %1 von %2</translation>
    </message>
    <message>
        <source>%1 of %2 (%3)</source>
        <translation>%1 von %2 (%3)</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>MixLLM</source>
        <translation>MixLLM</translation>
    </message>
    <message>
        <source>GPTQ</source>
        <translation>GPTQ</translation>
    </message>
    <message>
        <source>RTN</source>
        <translation>RTN</translation>
    </message>
    <message>
        <source>%1, uniform</source>
        <translation>%1, gleichmäßig</translation>
    </message>
    <message>
        <source>%1, one width</source>
        <translation>%1, eine Breite</translation>
    </message>
    <message>
        <source>%1, random</source>
        <translation>%1, zufällig</translation>
    </message>
    <message>
        <source>%1, per layer</source>
        <translation>%1, je Schicht</translation>
    </message>
    <message>
        <source>%1, whole linears</source>
        <translation>%1, ganze Linearschichten</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gescheitert</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>KL(16 bit ‖ quantized), nats a token</source>
        <translation>KL(16 Bit ‖ quantisiert), Nat je Token</translation>
    </message>
    <message>
        <source>KL(quantized ‖ 16 bit), nats a token</source>
        <translation>KL(quantisiert ‖ 16 Bit), Nat je Token</translation>
    </message>
    <message>
        <source>Same most likely token, %</source>
        <translation>Gleiches wahrscheinlichstes Token, %</translation>
    </message>
    <message>
        <source>Payload bits a weight</source>
        <translation>Nutzlast-Bits je Gewicht</translation>
    </message>
    <message>
        <source>Effective bits a weight</source>
        <translation>Effektive Bits je Gewicht</translation>
    </message>
    <message>
        <source>Quantized linears, MiB</source>
        <translation>Quantisierte Linearschichten, MiB</translation>
    </message>
    <message>
        <source>Tokens a second</source>
        <translation>Token je Sekunde</translation>
    </message>
    <message>
        <source>%1, %2 × %3 tokens</source>
        <translation>%1, %2 × %3 Token</translation>
    </message>
    <message>
        <source>%1, scales %2</source>
        <translation>%1, Skalen %2</translation>
    </message>
    <message>
        <source>SHA-256 %1…</source>
        <translation>SHA-256 %1…</translation>
    </message>
</context>
<context>
    <name>salient::ui::ComparisonTable</name>
    <message>
        <source>%1, differs</source>
        <translation>%1, verschieden</translation>
    </message>
</context>
<context>
    <name>salient::ui::ComparisonView</name>
    <message>
        <source>Comparison</source>
        <translation>Vergleich</translation>
    </message>
    <message>
        <source>Measures side by side</source>
        <translation>Messgrößen nebeneinander</translation>
    </message>
    <message>
        <source>Measures</source>
        <translation>Messgrößen</translation>
    </message>
    <message>
        <source>Recipes side by side</source>
        <translation>Rezepte nebeneinander</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>Rezept</translation>
    </message>
    <message>
        <source>What the map shows</source>
        <translation>Was die Karte zeigt</translation>
    </message>
    <message>
        <source>The share of 8-bit features, or how many rows have another width than in the first experiment</source>
        <translation>Der Anteil der 8-Bit-Merkmale oder wie viele Zeilen eine andere Breite haben als im ersten Experiment</translation>
    </message>
    <message>
        <source>Bit map</source>
        <translation>Bitkarte</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Choose experiments in the table or the chart: one to look at it, two or more to see them side by side.</source>
        <translation>Experimente in der Tabelle oder im Diagramm wählen: eines, um es anzusehen, zwei oder mehr, um sie nebeneinander zu sehen.</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1 side by side; ≠ marks what differs.</source>
        <translation>%1 nebeneinander; ≠ bezeichnet, was verschieden ist.</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Messgröße</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>Einstellung</translation>
    </message>
    <message>
        <source>Linear</source>
        <translation>Linearschicht</translation>
    </message>
    <message>
        <source>8-bit share: %1</source>
        <translation>8-Bit-Anteil: %1</translation>
    </message>
    <message>
        <source>Rows of another width, %</source>
        <translation>Zeilen anderer Breite, %</translation>
    </message>
    <message>
        <source>This experiment did not get as far as a bit map.</source>
        <translation>Dieses Experiment kam nicht bis zu einer Bitkarte.</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>Difference: %1 from %2</source>
        <translation>Unterschied: %1 zu %2</translation>
    </message>
    <message>
        <source>8-bit share, %</source>
        <translation>8-Bit-Anteil, %</translation>
    </message>
</context>
<context>
    <name>salient::ui::ExperimentsModel</name>
    <message>
        <source>The experiment&apos;s number in the file</source>
        <translation>Die Nummer des Experiments in der Datei</translation>
    </message>
    <message>
        <source>No.</source>
        <translation>Nr.</translation>
    </message>
    <message>
        <source>The 16-bit model&apos;s directory</source>
        <translation>Das Verzeichnis des 16-Bit-Modells</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>How weights were quantized and 8-bit features chosen</source>
        <translation>Wie Gewichte quantisiert und 8-Bit-Merkmale gewählt wurden</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Methode</translation>
    </message>
    <message>
        <source>Bits of the codes alone, a weight</source>
        <translation>Bits allein der Codes, je Gewicht</translation>
    </message>
    <message>
        <source>Payload</source>
        <translation>Nutzlast</translation>
    </message>
    <message>
        <source>With scales, zero points and row indices, a weight</source>
        <translation>Mit Skalen, Nullpunkten und Zeilennummern, je Gewicht</translation>
    </message>
    <message>
        <source>Effective</source>
        <translation>Effektiv</translation>
    </message>
    <message>
        <source>Bytes of the quantized linears as stored</source>
        <translation>Bytes der quantisierten Linearschichten, wie gespeichert</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>On the chosen text; lower is better</source>
        <translation>Am gewählten Text; kleiner ist besser</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>KL(16 bit ‖ quantized) on the chosen text; lower is better</source>
        <translation>KL(16 Bit ‖ quantisiert) am gewählten Text; kleiner ist besser</translation>
    </message>
    <message>
        <source>KL</source>
        <translation>KL</translation>
    </message>
    <message>
        <source>Positions with the same most likely token as in 16 bit</source>
        <translation>Stellen mit demselben wahrscheinlichsten Token wie in 16 Bit</translation>
    </message>
    <message>
        <source>Top-1</source>
        <translation>Top-1</translation>
    </message>
    <message>
        <source>Of the evaluation&apos;s forward passes</source>
        <translation>Der Vorwärtsläufe der Auswertung</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Begun</source>
        <translation>Begonnen</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
</context>
<context>
    <name>salient::ui::ExportJobs</name>
    <message>
        <source>weights rounded by %1 of their norm</source>
        <translation>Gewichte um %1 ihrer Norm gerundet</translation>
    </message>
    <message>
        <source>weights exact</source>
        <translation>Gewichte genau</translation>
    </message>
    <message>
        <source>Read back: %1; logits within %2; against the engine KL %3, same token %4</source>
        <translation>Zurückgelesen: %1; Logits innerhalb von %2; gegen das Rechenwerk KL %3, gleiches Token %4</translation>
    </message>
    <message>
        <source>Read back: every tensor and file is the same</source>
        <translation>Zurückgelesen: jeder Tensor und jede Datei ist gleich</translation>
    </message>
    <message>
        <source>Read back: every hash and value</source>
        <translation>Zurückgelesen: jede Prüfsumme und jeder Wert</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Prüfung</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
</context>
<context>
    <name>salient::ui::ExportPage</name>
    <message>
        <source>E&amp;xport</source>
        <translation>E&amp;xportieren</translation>
    </message>
    <message>
        <source>Puts the export into the job queue</source>
        <translation>Stellt den Export in die Schlange der Aufträge</translation>
    </message>
    <message>
        <source>&amp;Verify again</source>
        <translation>Erneut &amp;prüfen</translation>
    </message>
    <message>
        <source>Reads the export back and compares every weight and the logits with the packed model</source>
        <translation>Liest den Export zurück und vergleicht jedes Gewicht und die Logits mit dem gepackten Modell</translation>
    </message>
    <message>
        <source>Open &amp;folder</source>
        <translation>&amp;Ordner öffnen</translation>
    </message>
    <message>
        <source>Shows the export in the file manager</source>
        <translation>Zeigt den Export in der Dateiverwaltung</translation>
    </message>
    <message>
        <source>The experiments cannot be read</source>
        <translation>Die Experimente lassen sich nicht lesen</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Model to export</source>
        <translation>Zu exportierendes Modell</translation>
    </message>
    <message>
        <source>The packed model of a finished experiment, or the current budget, which is quantized first</source>
        <translation>Das gepackte Modell eines fertigen Experiments oder das jetzige Budget, das zuerst quantisiert wird</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>&amp;Modell</translation>
    </message>
    <message>
        <source>&amp;Other…</source>
        <translation>A&amp;nderes …</translation>
    </message>
    <message>
        <source>A packed model that is in no experiment</source>
        <translation>Ein gepacktes Modell, das in keinem Experiment steht</translation>
    </message>
    <message>
        <source>A packed model</source>
        <translation>Ein gepacktes Modell</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Weights: %1. Loses: %2. Loaded by: %3</source>
        <translation>Gewichte: %1. Verliert: %2. Geladen von: %3</translation>
    </message>
    <message>
        <source>&lt;b&gt;Weights:&lt;/b&gt; %1. &lt;b&gt;Loses:&lt;/b&gt; %2.&lt;br&gt;&lt;b&gt;Loaded by:&lt;/b&gt; %3.</source>
        <translation>&lt;b&gt;Gewichte:&lt;/b&gt; %1. &lt;b&gt;Verliert:&lt;/b&gt; %2.&lt;br&gt;&lt;b&gt;Geladen von:&lt;/b&gt; %3.</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Wohin</translation>
    </message>
    <message>
        <source>Folder of the export</source>
        <translation>Ordner des Exports</translation>
    </message>
    <message>
        <source>A new or empty folder, or an earlier export, which is then replaced</source>
        <translation>Ein neuer oder leerer Ordner oder ein früherer Export, der dann ersetzt wird</translation>
    </message>
    <message>
        <source>F&amp;older</source>
        <translation>&amp;Ordner</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>&amp;Durchsuchen …</translation>
    </message>
    <message>
        <source>&amp;Read it back afterwards and compare weights and logits</source>
        <translation>Danach &amp;zurücklesen und Gewichte und Logits vergleichen</translation>
    </message>
    <message>
        <source>Compares every weight with the packed model&apos;s, and the logits of 32 random tokens</source>
        <translation>Vergleicht jedes Gewicht mit dem des gepackten Modells und die Logits von 32 zufälligen Token</translation>
    </message>
    <message>
        <source>Exports</source>
        <translation>Exporte</translation>
    </message>
    <message>
        <source>Exports and checks</source>
        <translation>Exporte und Prüfungen</translation>
    </message>
    <message>
        <source>Current budget of %1 (quantized first)</source>
        <translation>Jetziges Budget von %1 (wird zuerst quantisiert)</translation>
    </message>
    <message>
        <source>No. %1: %2 of %3, %4 in 8 bit</source>
        <translation>Nr. %1: %2 von %3, %4 in 8 Bit</translation>
    </message>
    <message>
        <source>Nothing quantized yet: search and choose a budget first</source>
        <translation>Noch nichts quantisiert: zuerst suchen und ein Budget wählen</translation>
    </message>
    <message>
        <source>budget</source>
        <translation>Budget</translation>
    </message>
    <message>
        <source>The size is known once the budget is quantized; space is checked before writing.</source>
        <translation>Die Größe steht fest, sobald das Budget quantisiert ist; der Platz wird vor dem Schreiben geprüft.</translation>
    </message>
    <message>
        <source>Looking at sizes …</source>
        <translation>Größen werden angesehen …</translation>
    </message>
    <message>
        <source>Needs %1; %2 are free.</source>
        <translation>Braucht %1; %2 sind frei.</translation>
    </message>
    <message>
        <source>That is too little: choose another folder or make room.</source>
        <translation>Das ist zu wenig: einen anderen Ordner wählen oder Platz schaffen.</translation>
    </message>
    <message>
        <source>%1 linears stay in 4 bit, %2 take 8 bit.</source>
        <translation>%1 Linearschichten bleiben in 4 Bit, %2 nehmen 8 Bit.</translation>
    </message>
    <message>
        <source>Export %1 as %2</source>
        <translation>%1 als %2 exportieren</translation>
    </message>
    <message>
        <source>Quantize %1 for export</source>
        <translation>%1 für den Export quantisieren</translation>
    </message>
    <message>
        <source>Nothing exported yet.</source>
        <translation>Noch nichts exportiert.</translation>
    </message>
    <message>
        <source>Verify %1</source>
        <translation>%1 prüfen</translation>
    </message>
    <message>
        <source>No file manager answered; the export is in %1</source>
        <translation>Keine Dateiverwaltung antwortete; der Export ist in %1</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
</context>
<context>
    <name>salient::ui::TradeoffPage</name>
    <message>
        <source>Quality and cost</source>
        <translation>Güte und Kosten</translation>
    </message>
    <message>
        <source>The experiments cannot be read or changed</source>
        <translation>Die Experimente lassen sich nicht lesen oder ändern</translation>
    </message>
    <message>
        <source>Report written to %1</source>
        <translation>Bericht geschrieben nach %1</translation>
    </message>
    <message>
        <source>Report as &amp;HTML…</source>
        <translation>Bericht als &amp;HTML …</translation>
    </message>
    <message>
        <source>Writes the chosen experiments as one HTML file that loads nothing else</source>
        <translation>Schreibt die gewählten Experimente als eine HTML-Datei, die nichts anderes lädt</translation>
    </message>
    <message>
        <source>Report as &amp;PDF…</source>
        <translation>Bericht als &amp;PDF …</translation>
    </message>
    <message>
        <source>Writes the chosen experiments as a PDF</source>
        <translation>Schreibt die gewählten Experimente als PDF</translation>
    </message>
    <message>
        <source>&amp;Note…</source>
        <translation>&amp;Notiz …</translation>
    </message>
    <message>
        <source>Writes a note on the chosen experiment</source>
        <translation>Schreibt eine Notiz zum gewählten Experiment</translation>
    </message>
    <message>
        <source>&amp;Delete…</source>
        <translation>&amp;Löschen …</translation>
    </message>
    <message>
        <source>Deletes the chosen experiments from the file; packed models stay</source>
        <translation>Löscht die gewählten Experimente aus der Datei; gepackte Modelle bleiben</translation>
    </message>
    <message>
        <source>&amp;Read again</source>
        <translation>Neu &amp;lesen</translation>
    </message>
    <message>
        <source>Reads the file again; changes by other programs are noticed by themselves</source>
        <translation>Liest die Datei neu; Änderungen durch andere Programme werden von selbst bemerkt</translation>
    </message>
    <message>
        <source>&amp;Quality</source>
        <translation>&amp;Güte</translation>
    </message>
    <message>
        <source>The vertical axis</source>
        <translation>Die senkrechte Achse</translation>
    </message>
    <message>
        <source>&amp;Cost</source>
        <translation>&amp;Kosten</translation>
    </message>
    <message>
        <source>The horizontal axis</source>
        <translation>Die waagrechte Achse</translation>
    </message>
    <message>
        <source>&amp;Text</source>
        <translation>&amp;Text</translation>
    </message>
    <message>
        <source>The text that was measured on; figures on different texts cannot be compared</source>
        <translation>Der Text, an dem gemessen wurde; Zahlen an verschiedenen Texten lassen sich nicht vergleichen</translation>
    </message>
    <message>
        <source>Mode&amp;l</source>
        <translation>Mode&amp;ll</translation>
    </message>
    <message>
        <source>Shows experiments of one model</source>
        <translation>Zeigt die Experimente eines Modells</translation>
    </message>
    <message>
        <source>M&amp;ethod</source>
        <translation>M&amp;ethode</translation>
    </message>
    <message>
        <source>Shows experiments of one method</source>
        <translation>Zeigt die Experimente einer Methode</translation>
    </message>
    <message>
        <source>&amp;Status</source>
        <translation>&amp;Status</translation>
    </message>
    <message>
        <source>Shows experiments of one status</source>
        <translation>Zeigt die Experimente eines Status</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Gescheitert</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Experiments</source>
        <translation>Experimente</translation>
    </message>
    <message>
        <source>No experiments yet. Search a model and measure a budget: each run becomes a point here.</source>
        <translation>Noch keine Experimente. Ein Modell durchsuchen und ein Budget messen: jeder Lauf wird hier ein Punkt.</translation>
    </message>
    <message>
        <source>Search first</source>
        <translation>Zuerst suchen</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>Alle Modelle</translation>
    </message>
    <message>
        <source>All methods</source>
        <translation>Alle Methoden</translation>
    </message>
    <message>
        <source>None measured yet</source>
        <translation>Noch keines gemessen</translation>
    </message>
    <message>
        <source>No. %1, %2 of %3: %4, %5</source>
        <translation>Nr. %1, %2 von %3: %4, %5</translation>
    </message>
    <message>
        <source>No experiment under these filters was measured on this text.</source>
        <translation>Kein Experiment unter diesen Filtern wurde an diesem Text gemessen.</translation>
    </message>
    <message>
        <source>16 bit: %1</source>
        <translation>16 Bit: %1</translation>
    </message>
    <message>
        <source>Note on experiment %1</source>
        <translation>Notiz zu Experiment %1</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>Delete experiments</source>
        <translation>Experimente löschen</translation>
    </message>
    <message numerus="yes">
        <source>Delete %n experiment(s) from the file?</source>
        <translation>
            <numerusform>%n Experiment aus der Datei löschen?</numerusform>
            <numerusform>%n Experimente aus der Datei löschen?</numerusform>
        </translation>
    </message>
    <message>
        <source>Their measures, scores and bit maps go; packed models on the disk stay. This cannot be undone.</source>
        <translation>Ihre Messwerte, Bewertungen und Bitkarten verschwinden; gepackte Modelle auf der Platte bleiben. Das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Write a report</source>
        <translation>Bericht schreiben</translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation>PDF (*.pdf)</translation>
    </message>
    <message>
        <source>HTML (*.html)</source>
        <translation>HTML (*.html)</translation>
    </message>
    <message>
        <source>Trade-off</source>
        <translation>Abwägung</translation>
    </message>
</context>
<context>
    <name>salient::ui::TradeoffPlot</name>
    <message>
        <source>Pareto front</source>
        <translation>Pareto-Front</translation>
    </message>
</context>
<context>
    <name>salient::ui::Writer</name>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>Recipe and sources</source>
        <translation>Rezept und Quellen</translation>
    </message>
    <message>
        <source>≠ marks what differs.</source>
        <translation>≠ bezeichnet, was verschieden ist.</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>Einstellung</translation>
    </message>
    <message>
        <source>Experiments %1</source>
        <translation>Experimente %1</translation>
    </message>
    <message>
        <source>Experiment %1: %2 of %3, %4, begun %5</source>
        <translation>Experiment %1: %2 von %3, %4, begonnen %5</translation>
    </message>
    <message>
        <source>Experiment %1: %2</source>
        <translation>Experiment %1: %2</translation>
    </message>
    <message>
        <source>Quality and size</source>
        <translation>Güte und Größe</translation>
    </message>
    <message>
        <source>± one standard error over the text&apos;s windows. Lower perplexity and divergence are better.</source>
        <translation>± ein Standardfehler über die Fenster des Textes. Kleinere Perplexität und Divergenz sind besser.</translation>
    </message>
    <message>
        <source>16 bit (%1)</source>
        <translation>16 Bit (%1)</translation>
    </message>
    <message>
        <source>quantized (%1)</source>
        <translation>quantisiert (%1)</translation>
    </message>
    <message>
        <source>%1 ± %2</source>
        <translation>%1 ± %2</translation>
    </message>
    <message>
        <source>Perplexity in the run&apos;s own evaluation</source>
        <translation>Perplexität in der eigenen Auswertung des Laufs</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Messgröße</translation>
    </message>
    <message>
        <source>Where the 8-bit features went</source>
        <translation>Wohin die 8-Bit-Merkmale kamen</translation>
    </message>
    <message>
        <source>Each bar is one linear layer: the share of its output features that got 8 bit.</source>
        <translation>Jeder Balken ist eine Linearschicht: der Anteil ihrer Ausgabemerkmale, der 8 Bit bekam.</translation>
    </message>
    <message>
        <source>Experiment %1 has no bit map.</source>
        <translation>Experiment %1 hat keine Bitkarte.</translation>
    </message>
    <message>
        <source>8-bit share of every linear by layer, experiment %1</source>
        <translation>8-Bit-Anteil jeder Linearschicht je Schicht, Experiment %1</translation>
    </message>
    <message>
        <source>Linear</source>
        <translation>Linearschicht</translation>
    </message>
    <message>
        <source>Salient report</source>
        <translation>Bericht von Salient</translation>
    </message>
    <message>
        <source>Made by Salient %1</source>
        <translation>Gemacht von Salient %1</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
</context>
<context>
    <name>CoreSentences</name>
    <message>
        <source>not all layers fit into the device&apos;s memory: some are read again for every token</source>
        <translation>nicht alle Schichten passen in den Speicher des Geräts: Einige werden für jedes Token neu gelesen</translation>
    </message>
    <message>
        <source>evaluation windows this short are computed with exact scales in every mode: the figures are those of exact</source>
        <translation>so kurze Auswertungsfenster werden in jedem Modus mit exakten Skalen berechnet: Die Werte sind die von exact</translation>
    </message>
    <message>
        <source>windows this short are computed with exact scales in every mode: the figures are those of exact</source>
        <translation>so kurze Fenster werden in jedem Modus mit exakten Skalen berechnet: Die Werte sind die von exact</translation>
    </message>
    <message>
        <source>sequence %1 of %2</source>
        <translation>Sequenz %1 von %2</translation>
    </message>
    <message>
        <source>window %1 of %2, perplexity so far %3</source>
        <translation>Fenster %1 von %2, Perplexität bisher %3</translation>
    </message>
    <message>
        <source>layer %1 of %2: %3</source>
        <translation>Schicht %1 von %2: %3</translation>
    </message>
    <message>
        <source>inputs of %1</source>
        <translation>Eingaben von %1</translation>
    </message>
    <message>
        <source>passing on</source>
        <translation>Weitergabe</translation>
    </message>
    <message>
        <source>resuming</source>
        <translation>Wiederaufnahme</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>reading the text</source>
        <translation>Text wird gelesen</translation>
    </message>
    <message>
        <source>writing tensors</source>
        <translation>Tensoren werden geschrieben</translation>
    </message>
    <message>
        <source>written</source>
        <translation>geschrieben</translation>
    </message>
    <message>
        <source>copying %1</source>
        <translation>%1 wird kopiert</translation>
    </message>
    <message>
        <source>hashing %1</source>
        <translation>Prüfsumme von %1</translation>
    </message>
    <message>
        <source>the export&apos;s</source>
        <translation>die des Exports</translation>
    </message>
    <message>
        <source>the packed weights&apos;</source>
        <translation>die der gepackten Gewichte</translation>
    </message>
    <message>
        <source>the engine&apos;s</source>
        <translation>die der Engine</translation>
    </message>
    <message>
        <source>the simulation&apos;s</source>
        <translation>die der Simulation</translation>
    </message>
    <message>
        <source>the scores were searched with group %1, the weights are quantized with group %2</source>
        <translation>Die Bewertungen wurden mit Gruppengröße %1 gesucht, die Gewichte werden mit Gruppengröße %2 quantisiert</translation>
    </message>
    <message>
        <source>windows are drawn from the first %1 tokens of the calibration text</source>
        <translation>Die Fenster werden aus den ersten %1 Token des Kalibrierungstexts gezogen</translation>
    </message>
    <message>
        <source>this evaluation cannot be resumed if it ends early: %1</source>
        <translation>Diese Auswertung kann nicht fortgesetzt werden, wenn sie vorzeitig endet: %1</translation>
    </message>
    <message>
        <source>the experiment quantized another model: no divergence is kept with it</source>
        <translation>Das Experiment hat ein anderes Modell quantisiert: keine Divergenz wird bei ihm aufgehoben</translation>
    </message>
    <message>
        <source>experiment %1 exported no model: no sample of text</source>
        <translation>Experiment %1 hat kein Modell exportiert: keine Textprobe</translation>
    </message>
    <message>
        <source>the experiment&apos;s record stays unfinished: %1</source>
        <translation>Der Eintrag des Experiments bleibt unvollendet: %1</translation>
    </message>
    <message>
        <source>%1: round-to-nearest instead of %2: %3</source>
        <translation>%1: Runden zum Nächsten statt %2: %3</translation>
    </message>
    <message>
        <source>the Hessian of its inputs is not positive definite even with damping %1 of its mean diagonal</source>
        <translation>die Hesse-Matrix seiner Eingaben ist selbst mit Dämpfung %1 ihrer mittleren Diagonale nicht positiv definit</translation>
    </message>
    <message>
        <source>%1 cannot be written and is open for reading only</source>
        <translation>%1 kann nicht geschrieben werden und ist nur zum Lesen offen</translation>
    </message>
    <message>
        <source>%1 was brought from version %2 to %3; the older file is kept as %4</source>
        <translation>%1 wurde von Version %2 auf %3 gebracht; die ältere Datei ist als %4 aufgehoben</translation>
    </message>
    <message>
        <source>%1: both %2 and %3 are present; the index is used</source>
        <translation>%1: %2 und %3 sind beide da; der Index wird verwendet</translation>
    </message>
    <message>
        <source>%1: %2 tensors are in a shard but not in the index, and are ignored: %3</source>
        <translation>%1: %2 Tensoren stehen in einem Teil, aber nicht im Index, und werden übergangen: %3</translation>
    </message>
    <message>
        <source>%1: total_size is %2, the tensors have %3 bytes</source>
        <translation>%1: total_size ist %2, die Tensoren haben %3 Bytes</translation>
    </message>
    <message>
        <source>%1: %2 tensors that the decoder does not use are ignored: %3</source>
        <translation>%1: %2 Tensoren, die der Decoder nicht braucht, werden übergangen: %3</translation>
    </message>
    <message>
        <source>%1: lm_head.weight is ignored, since tie_word_embeddings has the embedding take its place</source>
        <translation>%1: lm_head.weight wird übergangen, denn mit tie_word_embeddings tritt die Einbettung an seine Stelle</translation>
    </message>
    <message>
        <source>%1: %2 %3 is outside the vocabulary of %4 and is ignored</source>
        <translation>%1: %2 %3 liegt außerhalb des Vokabulars von %4 und wird übergangen</translation>
    </message>
    <message>
        <source>%1: auto_map: the code that comes with this model is ignored and never run</source>
        <translation>%1: auto_map: der Programmtext, der mit diesem Modell kommt, wird übergangen und nie ausgeführt</translation>
    </message>
    <message>
        <source>cuda: this program was built without a CUDA toolkit</source>
        <translation>cuda: Dieses Programm wurde ohne CUDA-Toolkit gebaut</translation>
    </message>
    <message>
        <source>no tokenizer: %1</source>
        <translation>Kein Tokenizer: %1</translation>
    </message>
    <message>
        <source>%1: windows of %2 tokens are longer than the %3 positions this model is made for (max_position_embeddings); its perplexity suffers from that alone</source>
        <translation>%1: Fenster von %2 Token sind länger als die %3 Positionen, für die dieses Modell gemacht ist (max_position_embeddings); schon darunter leidet seine Perplexität</translation>
    </message>
    <message>
        <source>no NVIDIA GPU here</source>
        <translation>hier ist keine NVIDIA-GPU</translation>
    </message>
    <message>
        <source>no NVIDIA GPU that can be used: %1</source>
        <translation>keine NVIDIA-GPU zu gebrauchen: %1</translation>
    </message>
</context>
<context>
    <name>ExportFormats</name>
    <message>
        <source>Packed MixLLM directory</source>
        <translation>Gepacktes MixLLM-Verzeichnis</translation>
    </message>
    <message>
        <source>the packed model itself, byte for byte</source>
        <translation>das gepackte Modell selbst, Byte für Byte</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nichts</translation>
    </message>
    <message>
        <source>Salient (this program, command line and studio)</source>
        <translation>Salient (dieses Programm, Kommandozeile und Studio)</translation>
    </message>
    <message>
        <source>compressed-tensors, pack-quantized</source>
        <translation>compressed-tensors, pack-quantized</translation>
    </message>
    <message>
        <source>exact: the same integers and scales</source>
        <translation>exakt: dieselben ganzen Zahlen und Skalen</translation>
    </message>
    <message>
        <source>size wherever a linear mixes widths: all its rows then take 8 bit (q/k/v and gate/up go together); the 8-bit rounding of activations</source>
        <translation>Größe, wo eine Linearschicht Breiten mischt: alle ihre Zeilen nehmen dann 8 Bit (q/k/v und gate/up gehen zusammen); das 8-Bit-Runden der Aktivierungen</translation>
    </message>
    <message>
        <source>Hugging Face transformers with the compressed-tensors package and CompressedTensorsConfig(dequantize=True) (tested); made for vLLM too (not tested here)</source>
        <translation>Hugging Face transformers mit dem Paket compressed-tensors und CompressedTensorsConfig(dequantize=True) (geprüft); auch für vLLM gemacht (hier nicht geprüft)</translation>
    </message>
    <message>
        <source>Hugging Face checkpoint, float16</source>
        <translation>Hugging-Face-Checkpoint, float16</translation>
    </message>
    <message>
        <source>rounded to 11 significant bits</source>
        <translation>auf 11 signifikante Bits gerundet</translation>
    </message>
    <message>
        <source>the size: 16 bit a weight; the 8-bit rounding of activations</source>
        <translation>die Größe: 16 Bit je Gewicht; das 8-Bit-Runden der Aktivierungen</translation>
    </message>
    <message>
        <source>whatever loads Hugging Face checkpoints of this architecture (transformers tested), and this program</source>
        <translation>alles, was Hugging-Face-Checkpoints dieser Architektur lädt (transformers geprüft), und dieses Programm</translation>
    </message>
    <message>
        <source>Hugging Face checkpoint, bfloat16</source>
        <translation>Hugging-Face-Checkpoint, bfloat16</translation>
    </message>
    <message>
        <source>rounded to 8 significant bits</source>
        <translation>auf 8 signifikante Bits gerundet</translation>
    </message>
    <message>
        <source>the size: 16 bit a weight; some exactness, which float16 keeps; the 8-bit rounding of activations</source>
        <translation>die Größe: 16 Bit je Gewicht; etwas Genauigkeit, die float16 behält; das 8-Bit-Runden der Aktivierungen</translation>
    </message>
    <message>
        <source>Hugging Face checkpoint, float32</source>
        <translation>Hugging-Face-Checkpoint, float32</translation>
    </message>
    <message>
        <source>exact</source>
        <translation>exakt</translation>
    </message>
    <message>
        <source>the size: 32 bit a weight; the 8-bit rounding of activations</source>
        <translation>die Größe: 32 Bit je Gewicht; das 8-Bit-Runden der Aktivierungen</translation>
    </message>
</context>
<context>
    <name>salient::ui::WeightScan</name>
    <message>
        <source>being read, %1</source>
        <translation>werden gelesen, %1</translation>
    </message>
    <message>
        <source>not read: %1</source>
        <translation>nicht gelesen: %1</translation>
    </message>
    <message>
        <source>not read</source>
        <translation>nicht gelesen</translation>
    </message>
    <message>
        <source>%1, all finite</source>
        <translation>%1, alle endlich</translation>
    </message>
    <message>
        <source>%1, of them %2 NaN and %3 infinite</source>
        <translation>%1, davon %2 NaN und %3 unendlich</translation>
    </message>
    <message>
        <source>%1: %2 NaN and %3 infinite weights, the first at index %4. The weights are damaged: get them again.</source>
        <translation>%1: %2 NaN- und %3 unendliche Gewichte, das erste an Index %4. Die Gewichte sind beschädigt: neu beschaffen.</translation>
    </message>
    <message numerus="yes">
        <source>%n more tensor(s) hold such weights.</source>
        <translation>
            <numerusform>%n weiterer Tensor enthält solche Gewichte.</numerusform>
            <numerusform>%n weitere Tensoren enthalten solche Gewichte.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CoreErrors</name>
    <message>
        <source>expected %1</source>
        <translation>erwartet: %1</translation>
    </message>
    <message>
        <source>found %1</source>
        <translation>gefunden: %1</translation>
    </message>
    <message>
        <source>a model directory: config.json, *.safetensors and the tokenizer&apos;s files</source>
        <translation>das Verzeichnis eines Modells: config.json, *.safetensors und die Dateien des Tokenizers</translation>
    </message>
    <message>
        <source>a model directory</source>
        <translation>das Verzeichnis eines Modells</translation>
    </message>
    <message>
        <source>no config.json in it</source>
        <translation>keine config.json darin</translation>
    </message>
    <message>
        <source>no directory</source>
        <translation>kein Verzeichnis</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nichts</translation>
    </message>
    <message>
        <source>open the directory that holds config.json</source>
        <translation>das Verzeichnis öffnen, das config.json enthält</translation>
    </message>
    <message>
        <source>give the directory that holds config.json</source>
        <translation>das Verzeichnis angeben, das config.json enthält</translation>
    </message>
    <message>
        <source>get the config.json that belongs to these weights</source>
        <translation>die config.json beschaffen, die zu diesen Gewichten gehört</translation>
    </message>
    <message>
        <source>get the whole model, or the config.json that belongs to it</source>
        <translation>das ganze Modell beschaffen oder die config.json, die zu ihm gehört</translation>
    </message>
    <message>
        <source>get the whole model</source>
        <translation>das ganze Modell beschaffen</translation>
    </message>
    <message>
        <source>get the missing file, or the model in this format</source>
        <translation>die fehlende Datei beschaffen oder das Modell in diesem Format</translation>
    </message>
    <message>
        <source>get the missing files</source>
        <translation>die fehlenden Dateien beschaffen</translation>
    </message>
    <message>
        <source>get the weights</source>
        <translation>die Gewichte beschaffen</translation>
    </message>
    <message>
        <source>neither</source>
        <translation>keines von beiden</translation>
    </message>
    <message>
        <source>all %1 files that %2 names</source>
        <translation>alle %1 Dateien, die %2 nennt</translation>
    </message>
    <message>
        <source>%1 missing: %2</source>
        <translation>%1 fehlt: %2</translation>
    </message>
    <message>
        <source>%1, which may contain code and is never loaded</source>
        <translation>%1; das kann Code enthalten und wird nie geladen</translation>
    </message>
    <message>
        <source>convert the model to safetensors with a tool you trust, or get it in that format</source>
        <translation>das Modell mit einem Werkzeug, dem Sie trauen, in safetensors umwandeln oder es in diesem Format beschaffen</translation>
    </message>
    <message>
        <source>16- or 32-bit weights, or this program&apos;s own mixllm format</source>
        <translation>16- oder 32-Bit-Gewichte oder das eigene Format mixllm dieses Programms</translation>
    </message>
    <message>
        <source>16- or 32-bit weights</source>
        <translation>16- oder 32-Bit-Gewichte</translation>
    </message>
    <message>
        <source>a model this program has packed</source>
        <translation>ein Modell, das dieses Programm gepackt hat</translation>
    </message>
    <message>
        <source>weights quantized by %1</source>
        <translation>Gewichte, quantisiert von %1</translation>
    </message>
    <message>
        <source>use the model it was made from</source>
        <translation>das Modell nehmen, aus dem es entstand</translation>
    </message>
    <message>
        <source>use the model these weights were made from</source>
        <translation>das Modell nehmen, aus dem diese Gewichte entstanden</translation>
    </message>
    <message>
        <source>this program does not know how to compute it; choose another model</source>
        <translation>dieses Programm weiß nicht, wie das zu rechnen ist; ein anderes Modell wählen</translation>
    </message>
    <message>
        <source>full attention in every layer</source>
        <translation>volle Attention in jeder Schicht</translation>
    </message>
    <message>
        <source>attention with a sliding window is not supported; choose another model</source>
        <translation>Attention mit gleitendem Fenster wird nicht unterstützt; ein anderes Modell wählen</translation>
    </message>
    <message>
        <source>correct the file or get it again</source>
        <translation>die Datei berichtigen oder neu beschaffen</translation>
    </message>
    <message>
        <source>an object</source>
        <translation>ein Objekt</translation>
    </message>
    <message>
        <source>a number above 0</source>
        <translation>eine Zahl über 0</translation>
    </message>
    <message>
        <source>a safetensors file</source>
        <translation>eine safetensors-Datei</translation>
    </message>
    <message>
        <source>the weights were not downloaded; fetch the file itself</source>
        <translation>die Gewichte wurden nicht heruntergeladen; die Datei selbst holen</translation>
    </message>
    <message>
        <source>at least 8 bytes</source>
        <translation>mindestens 8 Bytes</translation>
    </message>
    <message>
        <source>the file is incomplete or damaged; get it again</source>
        <translation>die Datei ist unvollständig oder beschädigt; neu beschaffen</translation>
    </message>
    <message>
        <source>the file is incomplete; get it again</source>
        <translation>die Datei ist unvollständig; neu beschaffen</translation>
    </message>
    <message>
        <source>the copy is incomplete; get the file again</source>
        <translation>die Kopie ist unvollständig; die Datei neu beschaffen</translation>
    </message>
    <message>
        <source>the file is damaged or was made to deceive; get it again</source>
        <translation>die Datei ist beschädigt oder soll täuschen; neu beschaffen</translation>
    </message>
    <message>
        <source>the directory is damaged or was made to deceive; get it again</source>
        <translation>das Verzeichnis ist beschädigt oder soll täuschen; neu beschaffen</translation>
    </message>
    <message>
        <source>%1 bytes of tensor data</source>
        <translation>%1 Bytes Tensordaten</translation>
    </message>
    <message>
        <source>%1: short by %2 bytes</source>
        <translation>%1: %2 Bytes zu wenig</translation>
    </message>
    <message>
        <source>finite weights</source>
        <translation>endliche Gewichte</translation>
    </message>
    <message>
        <source>%1 NaN or infinite, the first at index %2</source>
        <translation>%1 NaN oder unendlich, das erste an Index %2</translation>
    </message>
    <message>
        <source>the weights are damaged; get them again</source>
        <translation>die Gewichte sind beschädigt; neu beschaffen</translation>
    </message>
    <message>
        <source>tokenizer.json, tokenizer.model, or vocab.json with merges.txt</source>
        <translation>tokenizer.json, tokenizer.model oder vocab.json mit merges.txt</translation>
    </message>
    <message>
        <source>none of them</source>
        <translation>keines davon</translation>
    </message>
    <message>
        <source>copy the tokenizer&apos;s files into the model directory</source>
        <translation>die Dateien des Tokenizers in das Verzeichnis des Modells kopieren</translation>
    </message>
    <message>
        <source>UTF-8 text</source>
        <translation>Text in UTF-8</translation>
    </message>
    <message>
        <source>convert the text to UTF-8</source>
        <translation>den Text in UTF-8 umwandeln</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>ein Text</translation>
    </message>
    <message>
        <source>an empty one</source>
        <translation>ein leerer</translation>
    </message>
    <message>
        <source>give a file with text in it</source>
        <translation>eine Datei angeben, in der Text steht</translation>
    </message>
    <message>
        <source>a name ending in .txt, .jsonl or .jsonl.gz</source>
        <translation>ein Name mit der Endung .txt, .jsonl oder .jsonl.gz</translation>
    </message>
    <message>
        <source>another</source>
        <translation>ein anderer</translation>
    </message>
    <message>
        <source>rename the file by what it holds</source>
        <translation>die Datei nach ihrem Inhalt umbenennen</translation>
    </message>
    <message>
        <source>a JSON object</source>
        <translation>ein JSON-Objekt</translation>
    </message>
    <message>
        <source>an object with text under %1</source>
        <translation>ein Objekt mit Text unter %1</translation>
    </message>
    <message>
        <source>no such key</source>
        <translation>kein solcher Schlüssel</translation>
    </message>
    <message>
        <source>correct or remove the line</source>
        <translation>die Zeile berichtigen oder entfernen</translation>
    </message>
    <message>
        <source>name the key that holds the text</source>
        <translation>den Schlüssel nennen, unter dem der Text steht</translation>
    </message>
    <message>
        <source>at least %1 tokens</source>
        <translation>mindestens %1 Token</translation>
    </message>
    <message>
        <source>%1 tokens, which is shorter than one window</source>
        <translation>%1 Token, weniger als ein Fenster</translation>
    </message>
    <message>
        <source>use a longer text or a shorter window</source>
        <translation>einen längeren Text oder ein kürzeres Fenster nehmen</translation>
    </message>
    <message>
        <source>a regular file</source>
        <translation>eine gewöhnliche Datei</translation>
    </message>
    <message>
        <source>a directory</source>
        <translation>ein Verzeichnis</translation>
    </message>
    <message>
        <source>give a file</source>
        <translation>eine Datei angeben</translation>
    </message>
    <message>
        <source>check the path</source>
        <translation>den Pfad prüfen</translation>
    </message>
    <message>
        <source>check the permissions</source>
        <translation>die Rechte prüfen</translation>
    </message>
    <message>
        <source>choose a place that can be written</source>
        <translation>einen Ort wählen, der beschrieben werden kann</translation>
    </message>
    <message>
        <source>free some space and try again</source>
        <translation>Platz schaffen und erneut versuchen</translation>
    </message>
    <message>
        <source>free space, or name an output on another disk</source>
        <translation>Platz schaffen oder ein Ziel auf einer anderen Platte nennen</translation>
    </message>
    <message>
        <source>use fewer or shorter samples, close other programs, or a machine with more memory</source>
        <translation>weniger oder kürzere Stichproben nehmen, andere Programme schließen oder eine Maschine mit mehr Speicher</translation>
    </message>
    <message>
        <source>%1 available</source>
        <translation>%1 verfügbar</translation>
    </message>
    <message>
        <source>a name</source>
        <translation>ein Name</translation>
    </message>
    <message>
        <source>the root directory</source>
        <translation>das Wurzelverzeichnis</translation>
    </message>
    <message>
        <source>name a file or a directory</source>
        <translation>eine Datei oder ein Verzeichnis nennen</translation>
    </message>
    <message>
        <source>a free temporary name beside it</source>
        <translation>ein freier vorläufiger Name daneben</translation>
    </message>
    <message>
        <source>all names taken</source>
        <translation>alle Namen vergeben</translation>
    </message>
    <message>
        <source>remove files named %1</source>
        <translation>Dateien mit dem Namen %1 entfernen</translation>
    </message>
    <message>
        <source>%1 bytes of disk space</source>
        <translation>%1 Bytes Platz auf der Platte</translation>
    </message>
    <message>
        <source>%1 bytes free</source>
        <translation>%1 Bytes frei</translation>
    </message>
    <message>
        <source>a full disk</source>
        <translation>eine volle Platte</translation>
    </message>
    <message>
        <source>free some space or choose another place</source>
        <translation>Platz schaffen oder einen anderen Ort wählen</translation>
    </message>
    <message>
        <source>a file&apos;s name</source>
        <translation>der Name einer Datei</translation>
    </message>
    <message>
        <source>a directory&apos;s name</source>
        <translation>der Name eines Verzeichnisses</translation>
    </message>
    <message>
        <source>choose another name</source>
        <translation>einen anderen Namen wählen</translation>
    </message>
    <message>
        <source>remove the older copy at %1</source>
        <translation>die ältere Kopie unter %1 entfernen</translation>
    </message>
    <message>
        <source>a file</source>
        <translation>eine Datei</translation>
    </message>
    <message>
        <source>success</source>
        <translation>Erfolg</translation>
    </message>
    <message>
        <source>%1 bytes at offset %2</source>
        <translation>%1 Bytes ab Stelle %2</translation>
    </message>
    <message>
        <source>the end of the file after %1</source>
        <translation>das Ende der Datei nach %1</translation>
    </message>
    <message>
        <source>at most %1 bytes</source>
        <translation>höchstens %1 Bytes</translation>
    </message>
    <message>
        <source>%1 bytes</source>
        <translation>%1 Bytes</translation>
    </message>
    <message>
        <source>this is not the file it should be</source>
        <translation>dies ist nicht die Datei, die es sein sollte</translation>
    </message>
    <message>
        <source>a number of bytes with an optional suffix</source>
        <translation>eine Anzahl von Bytes, mit oder ohne Einheit</translation>
    </message>
    <message>
        <source>write for example 1500000000, 500MB (10^6) or 4GiB (2^30)</source>
        <translation>zum Beispiel 1500000000, 500MB (10^6) oder 4GiB (2^30) schreiben</translation>
    </message>
    <message>
        <source>a request to stop</source>
        <translation>eine Bitte um Abbruch</translation>
    </message>
    <message>
        <source>run the same command again to resume</source>
        <translation>denselben Befehl noch einmal ausführen, um fortzusetzen</translation>
    </message>
    <message>
        <source>each key once</source>
        <translation>jeder Schlüssel einmal</translation>
    </message>
    <message>
        <source>the key twice</source>
        <translation>der Schlüssel zweimal</translation>
    </message>
    <message>
        <source>at most %1 levels</source>
        <translation>höchstens %1 Ebenen</translation>
    </message>
    <message>
        <source>JSON in UTF-8</source>
        <translation>JSON in UTF-8</translation>
    </message>
    <message>
        <source>byte 0x%1 at offset %2</source>
        <translation>Byte 0x%1 an Stelle %2</translation>
    </message>
    <message>
        <source>an integer</source>
        <translation>eine ganze Zahl</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>eine Zahl</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true oder false</translation>
    </message>
    <message>
        <source>a string</source>
        <translation>eine Zeichenkette</translation>
    </message>
    <message>
        <source>an array</source>
        <translation>ein Array</translation>
    </message>
    <message>
        <source>another JSON value</source>
        <translation>ein anderer JSON-Wert</translation>
    </message>
    <message>
        <source>something else</source>
        <translation>etwas anderes</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keines</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>nicht vorhanden</translation>
    </message>
    <message>
        <source>present</source>
        <translation>vorhanden</translation>
    </message>
    <message>
        <source>less</source>
        <translation>weniger</translation>
    </message>
    <message>
        <source>fewer</source>
        <translation>weniger</translation>
    </message>
    <message>
        <source>others</source>
        <translation>andere</translation>
    </message>
    <message>
        <source>enough memory</source>
        <translation>genug Speicher</translation>
    </message>
    <message>
        <source>none left</source>
        <translation>keiner mehr übrig</translation>
    </message>
    <message>
        <source>close other programs, or use shorter sequences</source>
        <translation>andere Programme schließen oder kürzere Sequenzen nehmen</translation>
    </message>
    <message>
        <source>close other programs, use shorter sequences, or a smaller model</source>
        <translation>andere Programme schließen, kürzere Sequenzen oder ein kleineres Modell nehmen</translation>
    </message>
    <message>
        <source>close other programs</source>
        <translation>andere Programme schließen</translation>
    </message>
    <message>
        <source>the system has no more</source>
        <translation>das System hat keinen mehr</translation>
    </message>
    <message>
        <source>memory for intermediate results</source>
        <translation>Speicher für Zwischenergebnisse</translation>
    </message>
    <message>
        <source>memory for %1 x %2 elements of %3</source>
        <translation>Speicher für %1 x %2 Elemente von %3</translation>
    </message>
    <message>
        <source>memory to decompress</source>
        <translation>Speicher zum Entpacken</translation>
    </message>
    <message>
        <source>room for %1 bytes</source>
        <translation>Platz für %1 Bytes</translation>
    </message>
    <message>
        <source>the file was cut short while in use; get it again</source>
        <translation>die Datei wurde während des Lesens kürzer; neu beschaffen</translation>
    </message>
    <message>
        <source>the symbolic links form a loop; get the file again</source>
        <translation>die symbolischen Verweise drehen sich im Kreis; die Datei neu beschaffen</translation>
    </message>
    <message>
        <source>the file is damaged or in another encoding; get it again</source>
        <translation>die Datei ist beschädigt oder anders kodiert; neu beschaffen</translation>
    </message>
    <message>
        <source>the file is damaged; get it again</source>
        <translation>die Datei ist beschädigt; neu beschaffen</translation>
    </message>
    <message>
        <source>the tensor</source>
        <translation>der Tensor</translation>
    </message>
    <message>
        <source>none of this name</source>
        <translation>keiner dieses Namens</translation>
    </message>
    <message>
        <source>F32, F16 or BF16</source>
        <translation>F32, F16 oder BF16</translation>
    </message>
    <message>
        <source>use the model in 16 or 32 bit</source>
        <translation>das Modell in 16 oder 32 Bit nehmen</translation>
    </message>
    <message>
        <source>convert the checkpoint to BF16, F16 or F32</source>
        <translation>den Checkpoint in BF16, F16 oder F32 umwandeln</translation>
    </message>
    <message>
        <source>whole rows of %1</source>
        <translation>ganze Zeilen von %1</translation>
    </message>
    <message>
        <source>%1 elements from row %2</source>
        <translation>%1 Elemente ab Zeile %2</translation>
    </message>
    <message>
        <source>an array of one name</source>
        <translation>ein Array mit einem Namen</translation>
    </message>
    <message>
        <source>an array of %1</source>
        <translation>ein Array von %1</translation>
    </message>
    <message>
        <source>%1 as architectures says %2</source>
        <translation>%1, wie architectures sagt: %2</translation>
    </message>
    <message>
        <source>weights quantized by others</source>
        <translation>Gewichte, die andere quantisiert haben</translation>
    </message>
    <message>
        <source>a sliding window of %1 for %2 positions</source>
        <translation>ein gleitendes Fenster von %1 für %2 Positionen</translation>
    </message>
    <message>
        <source>true: a sliding window</source>
        <translation>true: ein gleitendes Fenster</translation>
    </message>
    <message>
        <source>default, linear or llama3</source>
        <translation>default, linear oder llama3</translation>
    </message>
    <message>
        <source>at least 1</source>
        <translation>mindestens 1</translation>
    </message>
    <message>
        <source>more than low_freq_factor, %1</source>
        <translation>mehr als low_freq_factor, %1</translation>
    </message>
    <message>
        <source>the same as rope_parameters, or only one of them</source>
        <translation>dasselbe wie rope_parameters oder nur eines von beiden</translation>
    </message>
    <message>
        <source>a divisor of num_attention_heads, %1</source>
        <translation>ein Teiler von num_attention_heads, %1</translation>
    </message>
    <message>
        <source>a divisor of hidden_size, %1, or a head_dim</source>
        <translation>ein Teiler von hidden_size, %1, oder ein head_dim</translation>
    </message>
    <message>
        <source>an even number, for rotary embedding</source>
        <translation>eine gerade Zahl, für rotierende Positionen</translation>
    </message>
    <message>
        <source>a token id or an array of them</source>
        <translation>eine Token-Nummer oder ein Array davon</translation>
    </message>
    <message>
        <source>%1, as many layers as there are tensors for</source>
        <translation>%1, so viele Schichten, wie es Tensoren gibt</translation>
    </message>
    <message>
        <source>a tensor that %1 leaves</source>
        <translation>ein Tensor, wie ihn %1 hinterlässt</translation>
    </message>
    <message>
        <source>only what config.json asks for: a %1 of this configuration has no such tensor</source>
        <translation>nur was config.json verlangt: ein %1 dieser Gestalt hat keinen solchen Tensor</translation>
    </message>
    <message>
        <source>the tensor, which would change what the layer computes</source>
        <translation>der Tensor, der ändern würde, was die Schicht rechnet</translation>
    </message>
    <message>
        <source>%1 tensors</source>
        <translation>%1 Tensoren</translation>
    </message>
    <message>
        <source>shape %1, as config.json says by %2</source>
        <translation>Gestalt %1, wie config.json mit %2 sagt</translation>
    </message>
    <message>
        <source>at most %1 bytes (the file has %2)</source>
        <translation>höchstens %1 Bytes (die Datei hat %2)</translation>
    </message>
    <message>
        <source>at most %1 bytes, the rest of the file</source>
        <translation>höchstens %1 Bytes, der Rest der Datei</translation>
    </message>
    <message>
        <source>an object, beginning with {</source>
        <translation>ein Objekt, das mit { beginnt</translation>
    </message>
    <message>
        <source>data from byte %1</source>
        <translation>Daten ab Byte %1</translation>
    </message>
    <message>
        <source>an overlap: data_offsets [%1, %2]</source>
        <translation>eine Überschneidung: data_offsets [%1, %2]</translation>
    </message>
    <message>
        <source>a hole: bytes %1 to %2 belong to no tensor</source>
        <translation>eine Lücke: die Bytes %1 bis %2 gehören zu keinem Tensor</translation>
    </message>
    <message>
        <source>trailing bytes %1 to %2 that belong to no tensor</source>
        <translation>überzählige Bytes %1 bis %2, die zu keinem Tensor gehören</translation>
    </message>
    <message>
        <source>each tensor name once</source>
        <translation>jeder Tensorname einmal</translation>
    </message>
    <message>
        <source>the name twice</source>
        <translation>der Name zweimal</translation>
    </message>
    <message>
        <source>bytes within its %1</source>
        <translation>Bytes innerhalb seiner %1</translation>
    </message>
    <message>
        <source>%1 bytes from %2</source>
        <translation>%1 Bytes ab %2</translation>
    </message>
    <message>
        <source>it once</source>
        <translation>es einmal</translation>
    </message>
    <message>
        <source>it twice</source>
        <translation>es zweimal</translation>
    </message>
    <message>
        <source>at most %1 keys</source>
        <translation>höchstens %1 Schlüssel</translation>
    </message>
    <message>
        <source>a shape of at most 2^64 bits</source>
        <translation>eine Gestalt von höchstens 2^64 Bits</translation>
    </message>
    <message>
        <source>whole bytes</source>
        <translation>ganze Bytes</translation>
    </message>
    <message>
        <source>%1 elements of %2 bits for %3</source>
        <translation>%1 Elemente von %2 Bits für %3</translation>
    </message>
    <message>
        <source>an empty name</source>
        <translation>ein leerer Name</translation>
    </message>
    <message>
        <source>metadata in UTF-8</source>
        <translation>Metadaten in UTF-8</translation>
    </message>
    <message>
        <source>other bytes</source>
        <translation>andere Bytes</translation>
    </message>
    <message>
        <source>a tensor name of at most 4096 bytes without control characters</source>
        <translation>ein Tensorname von höchstens 4096 Bytes ohne Steuerzeichen</translation>
    </message>
    <message>
        <source>a name of its own</source>
        <translation>ein eigener Name</translation>
    </message>
    <message>
        <source>a name that is taken</source>
        <translation>ein vergebener Name</translation>
    </message>
    <message>
        <source>up to 8 dimensions from 0</source>
        <translation>bis zu 8 Dimensionen ab 0</translation>
    </message>
    <message>
        <source>%1 bytes for %2</source>
        <translation>%1 Bytes für %2</translation>
    </message>
    <message>
        <source>an object naming each tensor&apos;s file</source>
        <translation>ein Objekt, das die Datei jedes Tensors nennt</translation>
    </message>
    <message>
        <source>a .safetensors file in this directory</source>
        <translation>eine .safetensors-Datei in diesem Verzeichnis</translation>
    </message>
    <message>
        <source>each tensor in one shard</source>
        <translation>jeder Tensor in einer Teildatei</translation>
    </message>
    <message>
        <source>it in %1 as well</source>
        <translation>er auch in %1</translation>
    </message>
    <message>
        <source>the tensor here, as %1 says</source>
        <translation>der Tensor hier, wie %1 sagt</translation>
    </message>
    <message>
        <source>no such tensor</source>
        <translation>kein solcher Tensor</translation>
    </message>
    <message>
        <source>a name in this directory</source>
        <translation>ein Name in diesem Verzeichnis</translation>
    </message>
    <message>
        <source>a file in the model&apos;s directory</source>
        <translation>eine Datei im Verzeichnis des Modells</translation>
    </message>
    <message>
        <source>a link to %1</source>
        <translation>ein Verweis auf %1</translation>
    </message>
    <message>
        <source>put the file itself there</source>
        <translation>die Datei selbst dorthin legen</translation>
    </message>
    <message>
        <source>this is no safetensors file, or it is damaged; get it again</source>
        <translation>dies ist keine safetensors-Datei, oder sie ist beschädigt; neu beschaffen</translation>
    </message>
    <message>
        <source>a multiple of %1 columns</source>
        <translation>ein Vielfaches von %1 Spalten</translation>
    </message>
    <message>
        <source>quantize with a smaller --group, or choose another format</source>
        <translation>mit einem kleineren --group quantisieren oder ein anderes Format wählen</translation>
    </message>
    <message>
        <source>the hashes of its files</source>
        <translation>die Prüfsummen seiner Dateien</translation>
    </message>
    <message>
        <source>other hashes</source>
        <translation>andere Prüfsummen</translation>
    </message>
    <message>
        <source>values in the range of %1</source>
        <translation>Werte im Bereich von %1</translation>
    </message>
    <message>
        <source>export as fp32, or as bf16, whose range is wider</source>
        <translation>als fp32 exportieren oder als bf16, dessen Bereich weiter ist</translation>
    </message>
    <message>
        <source>export as fp32 and compare again</source>
        <translation>als fp32 exportieren und erneut vergleichen</translation>
    </message>
    <message>
        <source>export the model again</source>
        <translation>das Modell neu exportieren</translation>
    </message>
    <message>
        <source>the packed model&apos;s shape in the export&apos;s dtype</source>
        <translation>die Gestalt des gepackten Modells im Datentyp des Exports</translation>
    </message>
    <message>
        <source>%1 at index %2</source>
        <translation>%1 an Index %2</translation>
    </message>
    <message>
        <source>an export of this program</source>
        <translation>ein Export dieses Programms</translation>
    </message>
    <message>
        <source>name a directory that salient export wrote</source>
        <translation>ein Verzeichnis nennen, das salient export geschrieben hat</translation>
    </message>
    <message>
        <source>the tensors&apos; bytes</source>
        <translation>die Bytes der Tensoren</translation>
    </message>
    <message>
        <source>a file that became shorter</source>
        <translation>eine Datei, die kürzer wurde</translation>
    </message>
    <message>
        <source>a plain name, a size and a SHA-256</source>
        <translation>ein einfacher Name, eine Größe und ein SHA-256</translation>
    </message>
    <message>
        <source>dtype, shape and SHA-256</source>
        <translation>Datentyp, Gestalt und SHA-256</translation>
    </message>
    <message>
        <source>only files of the manifest</source>
        <translation>nur Dateien des Manifests</translation>
    </message>
    <message>
        <source>one it does not list</source>
        <translation>eine, die es nicht aufführt</translation>
    </message>
    <message>
        <source>%1 that it does not list</source>
        <translation>%1, die es nicht aufführt</translation>
    </message>
    <message>
        <source>move them elsewhere or export the model again</source>
        <translation>sie anderswohin legen oder das Modell neu exportieren</translation>
    </message>
    <message>
        <source>this tensor</source>
        <translation>dieser Tensor</translation>
    </message>
    <message>
        <source>the manifest, which is written last</source>
        <translation>das Manifest, das zuletzt geschrieben wird</translation>
    </message>
    <message>
        <source>no such file</source>
        <translation>keine solche Datei</translation>
    </message>
    <message>
        <source>use the program version that wrote it</source>
        <translation>die Programmversion nehmen, die es geschrieben hat</translation>
    </message>
    <message>
        <source>choose another output directory</source>
        <translation>ein anderes Ausgabeverzeichnis wählen</translation>
    </message>
    <message>
        <source>a path that can be resolved</source>
        <translation>ein Pfad, der sich auflösen lässt</translation>
    </message>
    <message>
        <source>a place outside the checkpoint&apos;s directory</source>
        <translation>ein Ort außerhalb des Verzeichnisses des Checkpoints</translation>
    </message>
    <message>
        <source>one inside it</source>
        <translation>einer darin</translation>
    </message>
    <message>
        <source>a place beside the checkpoint&apos;s directory</source>
        <translation>ein Ort neben dem Verzeichnis des Checkpoints</translation>
    </message>
    <message>
        <source>one around it</source>
        <translation>einer darum herum</translation>
    </message>
    <message>
        <source>a new or empty directory, or a packed model or an export to replace</source>
        <translation>ein neues oder leeres Verzeichnis oder ein gepacktes Modell oder ein Export, das ersetzt wird</translation>
    </message>
    <message>
        <source>a directory with other contents</source>
        <translation>ein Verzeichnis mit anderem Inhalt</translation>
    </message>
    <message>
        <source>an object with quant_method &quot;%1&quot;</source>
        <translation>ein Objekt mit quant_method &quot;%1&quot;</translation>
    </message>
    <message>
        <source>give a model that was packed by this program</source>
        <translation>ein Modell angeben, das dieses Programm gepackt hat</translation>
    </message>
    <message>
        <source>start from the 16-bit model</source>
        <translation>vom 16-Bit-Modell ausgehen</translation>
    </message>
    <message>
        <source>use a newer version of this program</source>
        <translation>eine neuere Version dieses Programms nehmen</translation>
    </message>
    <message>
        <source>quantize the model again</source>
        <translation>das Modell neu quantisieren</translation>
    </message>
    <message>
        <source>quantize this model again</source>
        <translation>dieses Modell neu quantisieren</translation>
    </message>
    <message>
        <source>ascending row numbers below %1</source>
        <translation>steigende Zeilennummern unter %1</translation>
    </message>
    <message>
        <source>%1 8-bit rows in %2 for %3 bits</source>
        <translation>%1 8-Bit-Zeilen in %2 für %3 Bits</translation>
    </message>
    <message>
        <source>only tensors that config.json and rows8 ask for</source>
        <translation>nur Tensoren, die config.json und rows8 verlangen</translation>
    </message>
    <message>
        <source>one beside them</source>
        <translation>einer daneben</translation>
    </message>
    <message>
        <source>a tensor of the manifest</source>
        <translation>ein Tensor des Manifests</translation>
    </message>
    <message>
        <source>this tensor of the manifest</source>
        <translation>dieser Tensor des Manifests</translation>
    </message>
    <message>
        <source>finite scales above zero</source>
        <translation>endliche Skalen über null</translation>
    </message>
    <message>
        <source>0 in the unused half of a row&apos;s last byte</source>
        <translation>0 in der ungenutzten Hälfte des letzten Bytes einer Zeile</translation>
    </message>
    <message>
        <source>%1 in row %2</source>
        <translation>%1 in Zeile %2</translation>
    </message>
    <message>
        <source>a linear of this model</source>
        <translation>eine Linearschicht dieses Modells</translation>
    </message>
    <message>
        <source>%1 x %2, group %3</source>
        <translation>%1 x %2, Gruppe %3</translation>
    </message>
    <message>
        <source>%1 quantized layers</source>
        <translation>%1 quantisierte Schichten</translation>
    </message>
    <message>
        <source>quantize the remaining layers first</source>
        <translation>zuerst die übrigen Schichten quantisieren</translation>
    </message>
    <message>
        <source>the packed model&apos;s within %1</source>
        <translation>die des gepackten Modells, höchstens %1 daneben</translation>
    </message>
    <message>
        <source>a relative difference of %1</source>
        <translation>ein relativer Unterschied von %1</translation>
    </message>
    <message>
        <source>compare the recipes in the quantization_config of both config.json</source>
        <translation>die Rezepte in quantization_config beider config.json vergleichen</translation>
    </message>
    <message>
        <source>the bytes of %1</source>
        <translation>die Bytes von %1</translation>
    </message>
    <message>
        <source>a difference at byte %1</source>
        <translation>ein Unterschied bei Byte %1</translation>
    </message>
    <message>
        <source>a relative weight error of at most %1</source>
        <translation>ein relativer Fehler der Gewichte von höchstens %1</translation>
    </message>
    <message>
        <source>name the 16-bit model this one was made from</source>
        <translation>das 16-Bit-Modell nennen, aus dem dieses entstand</translation>
    </message>
    <message>
        <source>the float simulation&apos;s product within %1</source>
        <translation>das Produkt der Gleitkommasimulation, höchstens %1 daneben</translation>
    </message>
    <message>
        <source>the float simulation&apos;s within %1</source>
        <translation>die der Gleitkommasimulation, höchstens %1 daneben</translation>
    </message>
    <message>
        <source>report this with the processor&apos;s name</source>
        <translation>dies mit dem Namen des Prozessors melden</translation>
    </message>
    <message>
        <source>that of %1</source>
        <translation>die von %1</translation>
    </message>
    <message>
        <source>another one</source>
        <translation>eine andere</translation>
    </message>
    <message>
        <source>the packed model of this export</source>
        <translation>das gepackte Modell dieses Exports</translation>
    </message>
    <message>
        <source>the export was not finished; quantize again</source>
        <translation>der Export wurde nicht fertig; neu quantisieren</translation>
    </message>
    <message>
        <source>the file is damaged; quantize the model again</source>
        <translation>die Datei ist beschädigt; das Modell neu quantisieren</translation>
    </message>
    <message>
        <source>the packed model is damaged; export it again or get another copy</source>
        <translation>das gepackte Modell ist beschädigt; es neu exportieren oder eine andere Kopie beschaffen</translation>
    </message>
    <message>
        <source>a quantized layer changed while it was packed; quantize again</source>
        <translation>eine quantisierte Schicht änderte sich beim Packen; neu quantisieren</translation>
    </message>
    <message>
        <source>different devices, as in %1</source>
        <translation>verschiedene Geräte, wie in %1</translation>
    </message>
    <message>
        <source>name each device once</source>
        <translation>jedes Gerät einmal nennen</translation>
    </message>
    <message>
        <source>exact on the processor</source>
        <translation>exact auf dem Prozessor</translation>
    </message>
    <message>
        <source>use a GPU for fast</source>
        <translation>für fast eine GPU nehmen</translation>
    </message>
    <message>
        <source>cpu, since this program was built without a CUDA toolkit</source>
        <translation>cpu, denn dieses Programm wurde ohne CUDA-Toolkit gebaut</translation>
    </message>
    <message>
        <source>cpu, cuda:0 or cuda:0,1</source>
        <translation>cpu, cuda:0 oder cuda:0,1</translation>
    </message>
    <message>
        <source>%1 of address space for %2 threads</source>
        <translation>%1 Adressraum für %2 Threads</translation>
    </message>
    <message>
        <source>raise the limit of this process (ulimit -v), or use fewer threads</source>
        <translation>die Grenze dieses Prozesses anheben (ulimit -v) oder weniger Threads nehmen</translation>
    </message>
    <message>
        <source>the result of a plain loop</source>
        <translation>das Ergebnis einer einfachen Schleife</translation>
    </message>
    <message>
        <source>a difference of %1</source>
        <translation>ein Unterschied von %1</translation>
    </message>
    <message>
        <source>0 (all cores) to %1</source>
        <translation>0 (alle Kerne) bis %1</translation>
    </message>
    <message>
        <source>choose a number of threads in that range</source>
        <translation>eine Zahl von Threads in diesem Bereich wählen</translation>
    </message>
    <message>
        <source>a processor with AVX2</source>
        <translation>ein Prozessor mit AVX2</translation>
    </message>
    <message>
        <source>a processor with AVX-512 VNNI</source>
        <translation>ein Prozessor mit AVX-512 VNNI</translation>
    </message>
    <message>
        <source>a processor without it</source>
        <translation>ein Prozessor ohne</translation>
    </message>
    <message>
        <source>leave the choice to the program (automatic)</source>
        <translation>die Wahl dem Programm überlassen (automatic)</translation>
    </message>
    <message>
        <source>instructions this processor has</source>
        <translation>Befehle, die dieser Prozessor hat</translation>
    </message>
    <message>
        <source>let the kernels be chosen automatically</source>
        <translation>die Kernel selbsttätig wählen lassen</translation>
    </message>
    <message>
        <source>please report this</source>
        <translation>bitte melden</translation>
    </message>
    <message>
        <source>report this as a bug</source>
        <translation>dies als Fehler melden</translation>
    </message>
    <message>
        <source>finite numbers</source>
        <translation>endliche Zahlen</translation>
    </message>
    <message>
        <source>1 to %1</source>
        <translation>1 bis %1</translation>
    </message>
    <message>
        <source>use a smaller vocabulary</source>
        <translation>ein kleineres Vokabular nehmen</translation>
    </message>
    <message>
        <source>use --device cpu; salient devices lists what there is</source>
        <translation>--device cpu nehmen; salient devices zeigt, was es gibt</translation>
    </message>
    <message>
        <source>a token id or a list of them</source>
        <translation>eine Token-Nummer oder eine Liste davon</translation>
    </message>
    <message>
        <source>correct the file or remove it</source>
        <translation>die Datei berichtigen oder entfernen</translation>
    </message>
    <message>
        <source>exact with simulate</source>
        <translation>exact mit simulate</translation>
    </message>
    <message>
        <source>simulate the exact product, or compute with the integers</source>
        <translation>das exakte Produkt simulieren oder mit den ganzen Zahlen rechnen</translation>
    </message>
    <message>
        <source>a packed model</source>
        <translation>ein gepacktes Modell</translation>
    </message>
    <message>
        <source>a 16-bit model</source>
        <translation>ein 16-Bit-Modell</translation>
    </message>
    <message>
        <source>a 16-bit model is computed in float as it is</source>
        <translation>ein 16-Bit-Modell wird ohnehin in Gleitkommazahlen gerechnet</translation>
    </message>
    <message>
        <source>a packed model, or exact</source>
        <translation>ein gepacktes Modell oder exact</translation>
    </message>
    <message>
        <source>%1 and a 16-bit model</source>
        <translation>%1 und ein 16-Bit-Modell</translation>
    </message>
    <message>
        <source>a 16-bit model has no scales to fold</source>
        <translation>ein 16-Bit-Modell hat keine Skalen zum Falten</translation>
    </message>
    <message>
        <source>choose a value in this range</source>
        <translation>einen Wert in diesem Bereich wählen</translation>
    </message>
    <message>
        <source>0 or more</source>
        <translation>0 oder mehr</translation>
    </message>
    <message>
        <source>0 (greedy) or a positive number</source>
        <translation>0 (greedy) oder eine positive Zahl</translation>
    </message>
    <message>
        <source>above 0, at most 1</source>
        <translation>über 0, höchstens 1</translation>
    </message>
    <message>
        <source>some text</source>
        <translation>etwas Text</translation>
    </message>
    <message>
        <source>none, and a model without a first token</source>
        <translation>keiner, und ein Modell ohne erstes Token</translation>
    </message>
    <message>
        <source>begin with a word</source>
        <translation>mit einem Wort beginnen</translation>
    </message>
    <message>
        <source>prompt and new tokens within %1 positions</source>
        <translation>Prompt und neue Token innerhalb von %1 Positionen</translation>
    </message>
    <message>
        <source>shorten the prompt or ask for fewer tokens</source>
        <translation>den Prompt kürzen oder weniger Token verlangen</translation>
    </message>
    <message>
        <source>a finite loss</source>
        <translation>ein endlicher Verlust</translation>
    </message>
    <message>
        <source>look for NaN with salient inspect, or for damage of a packed model with salient verify</source>
        <translation>mit salient inspect nach NaN suchen, bei einem gepackten Modell mit salient verify nach Schäden</translation>
    </message>
    <message>
        <source>a finite divergence</source>
        <translation>eine endliche Divergenz</translation>
    </message>
    <message>
        <source>check both models&apos; weights with salient verify</source>
        <translation>die Gewichte beider Modelle mit salient verify prüfen</translation>
    </message>
    <message>
        <source>at least one, of 2 tokens or more each</source>
        <translation>mindestens eines, mit je 2 Token oder mehr</translation>
    </message>
    <message>
        <source>use a longer text</source>
        <translation>einen längeren Text nehmen</translation>
    </message>
    <message>
        <source>use longer text</source>
        <translation>längeren Text nehmen</translation>
    </message>
    <message>
        <source>the first of %1, of the same lengths</source>
        <translation>die ersten von %1, mit denselben Längen</translation>
    </message>
    <message>
        <source>%1, of others</source>
        <translation>%1, von anderen</translation>
    </message>
    <message>
        <source>start over with --fresh</source>
        <translation>mit --fresh neu beginnen</translation>
    </message>
    <message>
        <source>compare with the model this one was made from</source>
        <translation>mit dem Modell vergleichen, aus dem dieses entstand</translation>
    </message>
    <message>
        <source>the same tokens for the prompt</source>
        <translation>dieselben Token für den Prompt</translation>
    </message>
    <message>
        <source>the same tokens for %1</source>
        <translation>dieselben Token für %1</translation>
    </message>
    <message>
        <source>a difference at token %1</source>
        <translation>ein Unterschied bei Token %1</translation>
    </message>
    <message>
        <source>compare models that share a vocabulary</source>
        <translation>Modelle mit demselben Vokabular vergleichen</translation>
    </message>
    <message>
        <source>compare models that share a tokenizer</source>
        <translation>Modelle mit demselben Tokenizer vergleichen</translation>
    </message>
    <message>
        <source>a second model in against</source>
        <translation>ein zweites Modell in against</translation>
    </message>
    <message>
        <source>name the 16-bit model</source>
        <translation>das 16-Bit-Modell nennen</translation>
    </message>
    <message>
        <source>at most %1 tokens</source>
        <translation>höchstens %1 Token</translation>
    </message>
    <message>
        <source>at least one token</source>
        <translation>mindestens ein Token</translation>
    </message>
    <message>
        <source>at least two tokens</source>
        <translation>mindestens zwei Token</translation>
    </message>
    <message>
        <source>give some text</source>
        <translation>etwas Text geben</translation>
    </message>
    <message>
        <source>choose a longer sequence</source>
        <translation>eine längere Sequenz wählen</translation>
    </message>
    <message>
        <source>shorten the sequence, or prepare the decoder for longer ones</source>
        <translation>die Sequenz kürzen oder den Decoder auf längere einrichten</translation>
    </message>
    <message>
        <source>shorten the sequence, or make a larger cache</source>
        <translation>die Sequenz kürzen oder einen größeren Zwischenspeicher anlegen</translation>
    </message>
    <message>
        <source>an id from 0 to %1</source>
        <translation>eine Nummer von 0 bis %1</translation>
    </message>
    <message>
        <source>use the tokenizer that belongs to this model</source>
        <translation>den Tokenizer nehmen, der zu diesem Modell gehört</translation>
    </message>
    <message>
        <source>a finite number</source>
        <translation>eine endliche Zahl</translation>
    </message>
    <message>
        <source>%1 at token %2</source>
        <translation>%1 bei Token %2</translation>
    </message>
    <message>
        <source>the weights hold NaN or Inf, or are too large for this text: check the checkpoint</source>
        <translation>die Gewichte enthalten NaN oder Inf oder sind für diesen Text zu groß: den Checkpoint prüfen</translation>
    </message>
    <message>
        <source>a 16- or 32-bit checkpoint</source>
        <translation>ein Checkpoint in 16 oder 32 Bit</translation>
    </message>
    <message>
        <source>search on the checkpoint the packed model was made from</source>
        <translation>in dem Checkpoint suchen, aus dem das gepackte Modell entstand</translation>
    </message>
    <message>
        <source>the model&apos;s weights are damaged or overflow; verify or quantize it again</source>
        <translation>die Gewichte des Modells sind beschädigt oder laufen über; das Modell prüfen oder neu quantisieren</translation>
    </message>
    <message>
        <source>packed weights</source>
        <translation>gepackte Gewichte</translation>
    </message>
    <message>
        <source>search the model that was packed</source>
        <translation>das Modell durchsuchen, das gepackt wurde</translation>
    </message>
    <message>
        <source>at least one window of 2 ids or more</source>
        <translation>mindestens ein Fenster mit 2 Nummern oder mehr</translation>
    </message>
    <message>
        <source>%1 ids each</source>
        <translation>je %1 Nummern</translation>
    </message>
    <message>
        <source>cut windows of one length</source>
        <translation>Fenster gleicher Länge schneiden</translation>
    </message>
    <message>
        <source>0 to %1</source>
        <translation>0 bis %1</translation>
    </message>
    <message>
        <source>start the search afresh</source>
        <translation>die Suche von vorn beginnen</translation>
    </message>
    <message>
        <source>finite salience</source>
        <translation>endliche Salienz</translation>
    </message>
    <message>
        <source>%1 at row %2 in %3</source>
        <translation>%1 in Zeile %2 von %3</translation>
    </message>
    <message>
        <source>%1 at row %2</source>
        <translation>%1 in Zeile %2</translation>
    </message>
    <message>
        <source>choose a budget in this range</source>
        <translation>ein Budget in diesem Bereich wählen</translation>
    </message>
    <message>
        <source>0 to 100</source>
        <translation>0 bis 100</translation>
    </message>
    <message>
        <source>%1 (everything in 4 bit) to %2 (everything in 8 bit), scales, zeros and row indices counted</source>
        <translation>%1 (alles in 4 Bit) bis %2 (alles in 8 Bit), mit Skalen, Nullpunkten und Zeilenindizes</translation>
    </message>
    <message>
        <source>%1 (everything in 4 bit) to %2 (everything in 8 bit)</source>
        <translation>%1 (alles in 4 Bit) bis %2 (alles in 8 Bit)</translation>
    </message>
    <message>
        <source>1 or more</source>
        <translation>1 oder mehr</translation>
    </message>
    <message>
        <source>use 32, 64 or 128</source>
        <translation>32, 64 oder 128 nehmen</translation>
    </message>
    <message>
        <source>32, 64 or 128</source>
        <translation>32, 64 oder 128</translation>
    </message>
    <message>
        <source>use 1 for no rounding</source>
        <translation>1 nehmen, um nicht zu runden</translation>
    </message>
    <message>
        <source>global or random with whole linears</source>
        <translation>global oder random bei ganzen Linearschichten</translation>
    </message>
    <message>
        <source>per-layer, the same share of every linear</source>
        <translation>per-layer, derselbe Anteil jeder Linearschicht</translation>
    </message>
    <message>
        <source>use granularity feature, or another selection</source>
        <translation>granularity feature nehmen oder eine andere Auswahl</translation>
    </message>
    <message>
        <source>fewer than 2^32</source>
        <translation>weniger als 2^32</translation>
    </message>
    <message>
        <source>%1 inputs, as the linear it is tied to</source>
        <translation>%1 Eingaben, wie die Linearschicht, an die sie gebunden ist</translation>
    </message>
    <message>
        <source>search again</source>
        <translation>neu suchen</translation>
    </message>
    <message>
        <source>2 to 8 bits</source>
        <translation>2 bis 8 Bits</translation>
    </message>
    <message>
        <source>2 to 8</source>
        <translation>2 bis 8</translation>
    </message>
    <message>
        <source>token ids of 0 or more</source>
        <translation>Token-Nummern ab 0</translation>
    </message>
    <message>
        <source>%1 layers, as columns has</source>
        <translation>%1 Schichten, wie columns hat</translation>
    </message>
    <message>
        <source>%1 tensors more</source>
        <translation>%1 Tensoren mehr</translation>
    </message>
    <message>
        <source>at least one linear</source>
        <translation>mindestens eine Linearschicht</translation>
    </message>
    <message>
        <source>at least one</source>
        <translation>mindestens eines</translation>
    </message>
    <message>
        <source>linears in ascending order</source>
        <translation>Linearschichten in steigender Folge</translation>
    </message>
    <message>
        <source>after %1</source>
        <translation>nach %1</translation>
    </message>
    <message>
        <source>a score for each row</source>
        <translation>eine Bewertung für jede Zeile</translation>
    </message>
    <message>
        <source>%1 scores for [%2, %3]</source>
        <translation>%1 Bewertungen für [%2, %3]</translation>
    </message>
    <message>
        <source>finite scores of 0 or more</source>
        <translation>endliche Bewertungen ab 0</translation>
    </message>
    <message>
        <source>give every linear</source>
        <translation>jede Linearschicht angeben</translation>
    </message>
    <message>
        <source>every linear of the last layer</source>
        <translation>jede Linearschicht der letzten Schicht</translation>
    </message>
    <message>
        <source>%1 of them</source>
        <translation>%1 davon</translation>
    </message>
    <message>
        <source>choose one of these</source>
        <translation>eines davon wählen</translation>
    </message>
    <message>
        <source>%1 sums</source>
        <translation>%1 Summen</translation>
    </message>
    <message>
        <source>a metadata entry</source>
        <translation>ein Eintrag in den Metadaten</translation>
    </message>
    <message>
        <source>%1 with %2 dimensions</source>
        <translation>%1 mit %2 Dimensionen</translation>
    </message>
    <message>
        <source>a tensor</source>
        <translation>ein Tensor</translation>
    </message>
    <message>
        <source>K × K values of at least one sequence</source>
        <translation>K × K Werte mindestens einer Sequenz</translation>
    </message>
    <message>
        <source>%1 values for K = %2 of %3 sequences</source>
        <translation>%1 Werte für K = %2 aus %3 Sequenzen</translation>
    </message>
    <message>
        <source>collect the calibration inputs first</source>
        <translation>zuerst die Kalibrierungseingaben sammeln</translation>
    </message>
    <message>
        <source>finite values</source>
        <translation>endliche Werte</translation>
    </message>
    <message>
        <source>%1 NaN or Inf, the first at index %2</source>
        <translation>%1 NaN oder Inf, das erste an Index %2</translation>
    </message>
    <message>
        <source>the shape of a linear</source>
        <translation>die Gestalt einer Linearschicht</translation>
    </message>
    <message>
        <source>remove the file to have the layer quantized again</source>
        <translation>die Datei entfernen, um die Schicht neu zu quantisieren</translation>
    </message>
    <message>
        <source>a directory to keep finished layers in</source>
        <translation>ein Verzeichnis für fertige Schichten</translation>
    </message>
    <message>
        <source>choose another place</source>
        <translation>einen anderen Ort wählen</translation>
    </message>
    <message>
        <source>the directory of the finished layers</source>
        <translation>das Verzeichnis der fertigen Schichten</translation>
    </message>
    <message>
        <source>an entry for %1</source>
        <translation>ein Eintrag für %1</translation>
    </message>
    <message>
        <source>another type or shape</source>
        <translation>ein anderer Typ oder eine andere Gestalt</translation>
    </message>
    <message>
        <source>finite values of at most %1</source>
        <translation>endliche Werte von höchstens %1</translation>
    </message>
    <message>
        <source>%1 NaN, Inf or larger, the first %2 at index %3 (row %4, column %5)</source>
        <translation>%1 NaN, Inf oder größer, der erste %2 an Index %3 (Zeile %4, Spalte %5)</translation>
    </message>
    <message>
        <source>ascending indices below %1</source>
        <translation>steigende Indizes unter %1</translation>
    </message>
    <message>
        <source>%1 at place %2</source>
        <translation>%1 an Stelle %2</translation>
    </message>
    <message>
        <source>make the bit map for this model</source>
        <translation>die Bitkarte für dieses Modell machen</translation>
    </message>
    <message>
        <source>%1 of %2 for %3 bits in every row</source>
        <translation>%1 von %2 für %3 Bits in jeder Zeile</translation>
    </message>
    <message>
        <source>make the bit map for this width</source>
        <translation>die Bitkarte für diese Breite machen</translation>
    </message>
    <message>
        <source>%1 × %2 values</source>
        <translation>%1 × %2 Werte</translation>
    </message>
    <message>
        <source>%1 values</source>
        <translation>%1 Werte</translation>
    </message>
    <message>
        <source>a Gram matrix, which this method needs</source>
        <translation>eine Gram-Matrix, die dieses Verfahren braucht</translation>
    </message>
    <message>
        <source>collect the calibration inputs first, or use rtn without clip search</source>
        <translation>zuerst die Kalibrierungseingaben sammeln oder rtn ohne Kappungssuche nehmen</translation>
    </message>
    <message>
        <source>mixllm, gptq or rtn</source>
        <translation>mixllm, gptq oder rtn</translation>
    </message>
    <message>
        <source>name one of these methods</source>
        <translation>eines dieser Verfahren nennen</translation>
    </message>
    <message>
        <source>a share of the mean diagonal, 0 to 1</source>
        <translation>ein Anteil der mittleren Diagonale, 0 bis 1</translation>
    </message>
    <message>
        <source>0.01 is customary</source>
        <translation>0.01 ist üblich</translation>
    </message>
    <message>
        <source>%1 linears</source>
        <translation>%1 Linearschichten</translation>
    </message>
    <message>
        <source>at least one, none of them empty</source>
        <translation>mindestens eines, keines davon leer</translation>
    </message>
    <message>
        <source>%1 windows</source>
        <translation>%1 Fenster</translation>
    </message>
    <message>
        <source>use a longer calibration text</source>
        <translation>einen längeren Kalibrierungstext nehmen</translation>
    </message>
    <message>
        <source>check the checkpoint&apos;s weights and the calibration text; an earlier layer&apos;s activations overflow</source>
        <translation>die Gewichte des Checkpoints und den Kalibrierungstext prüfen; die Aktivierungen einer früheren Schicht laufen über</translation>
    </message>
    <message>
        <source>it was removed meanwhile; ask for the same again</source>
        <translation>es wurde inzwischen entfernt; dasselbe noch einmal verlangen</translation>
    </message>
    <message>
        <source>the checkpoint is damaged or its training diverged; get another copy</source>
        <translation>der Checkpoint ist beschädigt, oder sein Training lief davon; eine andere Kopie beschaffen</translation>
    </message>
    <message>
        <source>percent, average_bits or size</source>
        <translation>percent, average_bits oder size</translation>
    </message>
    <message>
        <source>every row has the same bits then: there is nothing to allocate</source>
        <translation>dann hat jede Zeile dieselben Bits: zu verteilen gibt es nichts</translation>
    </message>
    <message>
        <source>`salient experiments list` shows them</source>
        <translation>`salient experiments list` zeigt sie</translation>
    </message>
    <message>
        <source>one of list, show, compare, delete, annotate, export</source>
        <translation>eines von list, show, compare, delete, annotate, export</translation>
    </message>
    <message>
        <source>nothing, or an evaluation text beside it</source>
        <translation>nichts oder daneben ein Auswertungstext</translation>
    </message>
    <message>
        <source>a value</source>
        <translation>ein Wert</translation>
    </message>
    <message>
        <source>name the text to evaluate on</source>
        <translation>den Text nennen, auf dem gemessen wird</translation>
    </message>
    <message>
        <source>a scores file</source>
        <translation>eine Datei mit Bewertungen</translation>
    </message>
    <message>
        <source>a calibration text or a scores file</source>
        <translation>ein Kalibrierungstext oder eine Datei mit Bewertungen</translation>
    </message>
    <message>
        <source>only method rtn without clip does without</source>
        <translation>nur das Verfahren rtn ohne Kappung kommt ohne aus</translation>
    </message>
    <message>
        <source>nothing, or a calibration text beside it</source>
        <translation>nichts oder daneben ein Kalibrierungstext</translation>
    </message>
    <message>
        <source>the windows are those of the scores file unless a calibration text is given</source>
        <translation>die Fenster sind die der Bewertungen, solange kein Kalibrierungstext angegeben ist</translation>
    </message>
    <message>
        <source>a finished experiment</source>
        <translation>ein fertiges Experiment</translation>
    </message>
    <message>
        <source>make one with salient run</source>
        <translation>mit salient run eines machen</translation>
    </message>
    <message>
        <source>one or two experiments</source>
        <translation>ein oder zwei Experimente</translation>
    </message>
    <message>
        <source>try a part of it</source>
        <translation>einen Teil davon versuchen</translation>
    </message>
    <message>
        <source>no exception</source>
        <translation>keine Ausnahme</translation>
    </message>
    <message>
        <source>a directory with other things in it</source>
        <translation>ein Verzeichnis, in dem anderes liegt</translation>
    </message>
    <message>
        <source>name another output</source>
        <translation>ein anderes Ziel nennen</translation>
    </message>
    <message>
        <source>at most %1 (max_position_embeddings)</source>
        <translation>höchstens %1 (max_position_embeddings)</translation>
    </message>
    <message>
        <source>use shorter windows</source>
        <translation>kürzere Fenster nehmen</translation>
    </message>
    <message>
        <source>search this model, or name the model that was searched</source>
        <translation>dieses Modell durchsuchen oder das Modell nennen, das durchsucht wurde</translation>
    </message>
    <message>
        <source>a file that can be written</source>
        <translation>eine Datei, die beschrieben werden kann</translation>
    </message>
    <message>
        <source>one that can only be read</source>
        <translation>eine, die nur gelesen werden kann</translation>
    </message>
    <message>
        <source>name another file with --experiments</source>
        <translation>mit --experiments eine andere Datei nennen</translation>
    </message>
    <message>
        <source>one of percent, average_bits, size and uniform</source>
        <translation>eines von percent, average_bits, size und uniform</translation>
    </message>
    <message>
        <source>give one budget</source>
        <translation>ein Budget angeben</translation>
    </message>
    <message>
        <source>a JSON object with the key op</source>
        <translation>ein JSON-Objekt mit dem Schlüssel op</translation>
    </message>
    <message>
        <source>it is required</source>
        <translation>es ist nötig</translation>
    </message>
    <message>
        <source>a path</source>
        <translation>ein Pfad</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>eine ganze Zahl</translation>
    </message>
    <message>
        <source>an array of whole numbers</source>
        <translation>ein Array ganzer Zahlen</translation>
    </message>
    <message>
        <source>an array of numbers</source>
        <translation>ein Array von Zahlen</translation>
    </message>
    <message>
        <source>one of %1</source>
        <translation>eines von %1</translation>
    </message>
    <message>
        <source>a key that this operation does not know</source>
        <translation>ein Schlüssel, den dieser Vorgang nicht kennt</translation>
    </message>
    <message>
        <source>an empty directory or one left by an earlier job</source>
        <translation>ein leeres Verzeichnis oder eines, das ein früherer Auftrag hinterließ</translation>
    </message>
    <message>
        <source>name another work directory</source>
        <translation>ein anderes Arbeitsverzeichnis nennen</translation>
    </message>
    <message>
        <source>nobody else using it</source>
        <translation>niemand sonst, der es benutzt</translation>
    </message>
    <message>
        <source>wait until it has finished, or name another output</source>
        <translation>warten, bis er fertig ist, oder ein anderes Ziel nennen</translation>
    </message>
    <message>
        <source>a directory that comes and goes</source>
        <translation>ein Verzeichnis, das kommt und geht</translation>
    </message>
    <message>
        <source>ask for the same again to resume it, choose another output, or start over with --fresh</source>
        <translation>dasselbe noch einmal verlangen, um ihn fortzusetzen, ein anderes Ziel wählen oder mit --fresh neu beginnen</translation>
    </message>
    <message>
        <source>the directory this job works in</source>
        <translation>das Verzeichnis, in dem dieser Auftrag arbeitet</translation>
    </message>
    <message>
        <source>nothing: it was removed meanwhile</source>
        <translation>nichts: es wurde inzwischen entfernt</translation>
    </message>
    <message>
        <source>ask for the same again</source>
        <translation>dasselbe noch einmal verlangen</translation>
    </message>
    <message>
        <source>a longer line</source>
        <translation>eine längere Zeile</translation>
    </message>
    <message>
        <source>send large data by file</source>
        <translation>große Daten als Datei schicken</translation>
    </message>
    <message>
        <source>a string or a whole number</source>
        <translation>eine Zeichenkette oder eine ganze Zahl</translation>
    </message>
    <message>
        <source>events carry it, so that they can be told apart</source>
        <translation>Ereignisse tragen sie, damit man sie unterscheiden kann</translation>
    </message>
    <message>
        <source>no request after shutdown</source>
        <translation>keine Anfrage nach shutdown</translation>
    </message>
    <message>
        <source>a request</source>
        <translation>eine Anfrage</translation>
    </message>
    <message>
        <source>an id that no unfinished job has</source>
        <translation>eine Nummer, die kein unfertiger Auftrag hat</translation>
    </message>
    <message>
        <source>seven numbers a window, positions first</source>
        <translation>sieben Zahlen je Fenster, die Positionen zuerst</translation>
    </message>
    <message>
        <source>make one with `salient search`; only percent 0 and 100 and uniform bits do without</source>
        <translation>mit `salient search` eine machen; nur percent 0 und 100 und uniform kommen ohne aus</translation>
    </message>
    <message>
        <source>an experiment file</source>
        <translation>eine Experimentdatei</translation>
    </message>
    <message>
        <source>an empty file</source>
        <translation>eine leere Datei</translation>
    </message>
    <message>
        <source>not an experiment file</source>
        <translation>keine Experimentdatei</translation>
    </message>
    <message>
        <source>an intact experiment file</source>
        <translation>eine unversehrte Experimentdatei</translation>
    </message>
    <message>
        <source>an experiment file that can be opened</source>
        <translation>eine Experimentdatei, die sich öffnen lässt</translation>
    </message>
    <message>
        <source>check its permissions, or name another file with --experiments</source>
        <translation>ihre Rechte prüfen oder mit --experiments eine andere Datei nennen</translation>
    </message>
    <message>
        <source>check the directory&apos;s permissions, or name another file with --experiments</source>
        <translation>die Rechte des Verzeichnisses prüfen oder mit --experiments eine andere Datei nennen</translation>
    </message>
    <message>
        <source>the tables of version %1</source>
        <translation>die Tabellen der Version %1</translation>
    </message>
    <message>
        <source>at most %1</source>
        <translation>höchstens %1</translation>
    </message>
    <message>
        <source>a lock within 2 seconds</source>
        <translation>eine Sperre innerhalb von 2 Sekunden</translation>
    </message>
    <message>
        <source>try again when the other program has finished writing</source>
        <translation>es erneut versuchen, wenn das andere Programm fertig geschrieben hat</translation>
    </message>
    <message>
        <source>room for the experiment, at least another page of 4096 bytes</source>
        <translation>Platz für das Experiment, mindestens eine weitere Seite von 4096 Bytes</translation>
    </message>
    <message>
        <source>free space, or name another file with --experiments</source>
        <translation>Platz schaffen oder mit --experiments eine andere Datei nennen</translation>
    </message>
    <message>
        <source>run something first, or name another file with --experiments</source>
        <translation>zuerst etwas laufen lassen oder mit --experiments eine andere Datei nennen</translation>
    </message>
    <message>
        <source>an experiment&apos;s number</source>
        <translation>die Nummer eines Experiments</translation>
    </message>
    <message>
        <source>the SHA-256 stored beside it</source>
        <translation>der daneben gespeicherte SHA-256</translation>
    </message>
    <message>
        <source>a layer and one of its seven linears</source>
        <translation>eine Schicht und eine ihrer sieben Linearschichten</translation>
    </message>
    <message>
        <source>layer %1, kind %2</source>
        <translation>Schicht %1, Art %2</translation>
    </message>
    <message>
        <source>salience scores</source>
        <translation>Bewertungen der Salienz</translation>
    </message>
    <message>
        <source>ascending rows below %1</source>
        <translation>steigende Zeilen unter %1</translation>
    </message>
    <message>
        <source>other rows</source>
        <translation>andere Zeilen</translation>
    </message>
    <message>
        <source>a bit map</source>
        <translation>eine Bitkarte</translation>
    </message>
    <message>
        <source>a newer version of this program wrote it; use that one, or %1</source>
        <translation>eine neuere Version dieses Programms hat sie geschrieben; jene nehmen oder %1</translation>
    </message>
    <message>
        <source>it belongs to another program; %1</source>
        <translation>sie gehört zu einem anderen Programm; %1</translation>
    </message>
    <message>
        <source>its tables, triggers or views were changed by somebody else; name another file with --experiments</source>
        <translation>ihre Tabellen, Trigger oder Sichten hat jemand anders geändert; mit --experiments eine andere Datei nennen</translation>
    </message>
    <message>
        <source>an older version wrote it and it cannot be written to here; copy it first</source>
        <translation>eine ältere Version hat sie geschrieben, und hier kann sie nicht beschrieben werden; sie zuerst kopieren</translation>
    </message>
    <message>
        <source>restore it from a backup, or name another file with --experiments; it was left as it is</source>
        <translation>sie aus einer Sicherung wiederherstellen oder mit --experiments eine andere Datei nennen; sie blieb, wie sie ist</translation>
    </message>
    <message>
        <source>this record is damaged; the others can be read</source>
        <translation>dieser Eintrag ist beschädigt; die anderen können gelesen werden</translation>
    </message>
    <message>
        <source>each token once</source>
        <translation>jedes Token einmal</translation>
    </message>
    <message>
        <source>the token twice</source>
        <translation>das Token zweimal</translation>
    </message>
    <message>
        <source>an id of its own</source>
        <translation>eine eigene Nummer</translation>
    </message>
    <message>
        <source>id %1, which is that of %2 too</source>
        <translation>Nummer %1, die auch die von %2 ist</translation>
    </message>
    <message>
        <source>id %1, which is that of &quot;%2&quot;</source>
        <translation>Nummer %1, die die von &quot;%2&quot; ist</translation>
    </message>
    <message>
        <source>id %1, as elsewhere in the file</source>
        <translation>Nummer %1, wie anderswo in der Datei</translation>
    </message>
    <message>
        <source>id %1, which no token has</source>
        <translation>Nummer %1, die kein Token hat</translation>
    </message>
    <message>
        <source>id %1</source>
        <translation>Nummer %1</translation>
    </message>
    <message>
        <source>a token of the vocabulary</source>
        <translation>ein Token des Vokabulars</translation>
    </message>
    <message>
        <source>a token of the tokenizer</source>
        <translation>ein Token des Tokenizers</translation>
    </message>
    <message>
        <source>a byte from &lt;0x00&gt; to &lt;0xFF&gt;</source>
        <translation>ein Byte von &lt;0x00&gt; bis &lt;0xFF&gt;</translation>
    </message>
    <message>
        <source>%1, which the vocabulary lacks</source>
        <translation>%1, das dem Vokabular fehlt</translation>
    </message>
    <message>
        <source>a merge of two tokens</source>
        <translation>eine Verschmelzung zweier Token</translation>
    </message>
    <message>
        <source>a merge into a token</source>
        <translation>eine Verschmelzung zu einem Token</translation>
    </message>
    <message>
        <source>a whole gzip stream</source>
        <translation>ein ganzer gzip-Strom</translation>
    </message>
    <message>
        <source>a gzip stream</source>
        <translation>ein gzip-Strom</translation>
    </message>
    <message>
        <source>its end</source>
        <translation>sein Ende</translation>
    </message>
    <message>
        <source>byte 0x%1</source>
        <translation>Byte 0x%1</translation>
    </message>
    <message>
        <source>is this a file of JSON lines?</source>
        <translation>ist dies eine Datei aus JSON-Zeilen?</translation>
    </message>
    <message>
        <source>rename or compress the file</source>
        <translation>die Datei umbenennen oder packen</translation>
    </message>
    <message>
        <source>at most %1 bytes of text</source>
        <translation>höchstens %1 Bytes Text</translation>
    </message>
    <message>
        <source>use a part of the file, or bound the number of tokens</source>
        <translation>einen Teil der Datei nehmen oder die Zahl der Token begrenzen</translation>
    </message>
    <message>
        <source>at least one sample of at least one token</source>
        <translation>mindestens eine Stichprobe von mindestens einem Token</translation>
    </message>
    <message>
        <source>give positive numbers</source>
        <translation>positive Zahlen angeben</translation>
    </message>
    <message>
        <source>windows of at least two tokens</source>
        <translation>Fenster von mindestens zwei Token</translation>
    </message>
    <message>
        <source>length %1, limit %2</source>
        <translation>Länge %1, Grenze %2</translation>
    </message>
    <message>
        <source>give a longer window</source>
        <translation>ein längeres Fenster angeben</translation>
    </message>
    <message>
        <source>this program cannot use this tokenizer</source>
        <translation>dieses Programm kann diesen Tokenizer nicht gebrauchen</translation>
    </message>
    <message>
        <source>get the file again</source>
        <translation>die Datei neu beschaffen</translation>
    </message>
    <message>
        <source>an id below the %1 rows of the model&apos;s embedding</source>
        <translation>eine Nummer unter den %1 Zeilen der Einbettung des Modells</translation>
    </message>
    <message>
        <source>at most the %1 rows of the model&apos;s embedding</source>
        <translation>höchstens die %1 Zeilen der Einbettung des Modells</translation>
    </message>
    <message>
        <source>ids of tokens</source>
        <translation>Nummern von Token</translation>
    </message>
    <message>
        <source>one character</source>
        <translation>ein Zeichen</translation>
    </message>
    <message>
        <source>always, first or never</source>
        <translation>always, first oder never</translation>
    </message>
    <message>
        <source>a regular expression</source>
        <translation>ein regulärer Ausdruck</translation>
    </message>
    <message>
        <source>a regular expression that matches in reasonable time</source>
        <translation>ein regulärer Ausdruck, der in vernünftiger Zeit passt</translation>
    </message>
    <message>
        <source>use another tokenizer file, or text without very long runs</source>
        <translation>eine andere Tokenizer-Datei nehmen oder Text ohne sehr lange Folgen</translation>
    </message>
    <message>
        <source>a regular expression in the common syntax</source>
        <translation>ein regulärer Ausdruck in der üblichen Schreibweise</translation>
    </message>
    <message>
        <source>write the pattern without it</source>
        <translation>das Muster ohne das schreiben</translation>
    </message>
    <message>
        <source>a SentencePiece model</source>
        <translation>ein SentencePiece-Modell</translation>
    </message>
    <message>
        <source>text SentencePiece can read</source>
        <translation>Text, den SentencePiece lesen kann</translation>
    </message>
    <message>
        <source>use another text</source>
        <translation>einen anderen Text nehmen</translation>
    </message>
    <message>
        <source>the tokenizer&apos;s files do not belong together</source>
        <translation>die Dateien des Tokenizers gehören nicht zusammen</translation>
    </message>
    <message>
        <source>the tokenizer and the model do not belong together</source>
        <translation>der Tokenizer und das Modell gehören nicht zusammen</translation>
    </message>
    <message>
        <source>a token: a string, or an object with its content</source>
        <translation>ein Token: eine Zeichenkette oder ein Objekt mit ihrem Inhalt</translation>
    </message>
    <message>
        <source>an object: ids by token</source>
        <translation>ein Objekt: Nummern nach Token</translation>
    </message>
    <message>
        <source>an object: tokens by id</source>
        <translation>ein Objekt: Token nach Nummern</translation>
    </message>
    <message>
        <source>a token under each id</source>
        <translation>ein Token unter jeder Nummer</translation>
    </message>
    <message>
        <source>a count</source>
        <translation>eine Anzahl</translation>
    </message>
    <message>
        <source>null or 0</source>
        <translation>null oder 0</translation>
    </message>
    <message>
        <source>get the tokenizer_config.json that belongs to vocab.json and merges.txt, or save the tokenizer as tokenizer.json</source>
        <translation>die tokenizer_config.json beschaffen, die zu vocab.json und merges.txt gehört, oder den Tokenizer als tokenizer.json speichern</translation>
    </message>
    <message>
        <source>a token in base64 and its rank</source>
        <translation>ein Token in base64 und sein Rang</translation>
    </message>
    <message>
        <source>the tokenizer file is damaged; get it again</source>
        <translation>die Datei des Tokenizers ist beschädigt; neu beschaffen</translation>
    </message>
    <message>
        <source>the file is damaged or was cut short; get it again</source>
        <translation>die Datei ist beschädigt oder abgeschnitten; neu beschaffen</translation>
    </message>
    <message>
        <source>this tokenizer needs such a text in one piece; use a shorter one</source>
        <translation>dieser Tokenizer braucht einen solchen Text in einem Stück; einen kürzeren nehmen</translation>
    </message>
    <message>
        <source>the tokenizer file is damaged or was cut short; get it again</source>
        <translation>die Datei des Tokenizers ist beschädigt oder abgeschnitten; neu beschaffen</translation>
    </message>
    <message>
        <source>a named pipe</source>
        <translation>eine benannte Pipe</translation>
    </message>
    <message>
        <source>a socket</source>
        <translation>ein Socket</translation>
    </message>
    <message>
        <source>a symbolic link</source>
        <translation>ein symbolischer Verweis</translation>
    </message>
    <message>
        <source>a device</source>
        <translation>ein Gerät</translation>
    </message>
    <message>
        <source>%1 around it</source>
        <translation>%1 darum herum</translation>
    </message>
    <message>
        <source>the string %1</source>
        <translation>die Zeichenkette %1</translation>
    </message>
    <message>
        <source>restore it from a copy, or %1</source>
        <translation>sie aus einer Kopie wiederherstellen oder %1</translation>
    </message>
    <message>
        <source>there is a backup at %1; this file was left as it is</source>
        <translation>unter %1 liegt eine Sicherung; diese Datei blieb, wie sie ist</translation>
    </message>
    <message>
        <source>%1 bytes, truncated</source>
        <translation>%1 Bytes, abgeschnitten</translation>
    </message>
    <message>
        <source>to %1 it</source>
        <translation>%1 können</translation>
    </message>
    <message>
        <source>open</source>
        <translation>öffnen</translation>
    </message>
    <message>
        <source>read</source>
        <translation>lesen</translation>
    </message>
    <message>
        <source>write</source>
        <translation>schreiben</translation>
    </message>
    <message>
        <source>create</source>
        <translation>anlegen</translation>
    </message>
    <message>
        <source>make</source>
        <translation>anlegen</translation>
    </message>
    <message>
        <source>lock</source>
        <translation>sperren</translation>
    </message>
    <message>
        <source>remove</source>
        <translation>entfernen</translation>
    </message>
    <message>
        <source>rename</source>
        <translation>umbenennen</translation>
    </message>
    <message>
        <source>replace</source>
        <translation>ersetzen</translation>
    </message>
    <message>
        <source>list</source>
        <translation>auflisten</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>leeren</translation>
    </message>
    <message>
        <source>examine</source>
        <translation>untersuchen</translation>
    </message>
    <message>
        <source>flush</source>
        <translation>auf die Platte bringen</translation>
    </message>
    <message>
        <source>resolve</source>
        <translation>auflösen</translation>
    </message>
    <message>
        <source>Operation not permitted</source>
        <translation>nicht erlaubt</translation>
    </message>
    <message>
        <source>No such file or directory</source>
        <translation>Datei oder Verzeichnis nicht gefunden</translation>
    </message>
    <message>
        <source>No such process</source>
        <translation>kein solcher Prozess</translation>
    </message>
    <message>
        <source>Interrupted system call</source>
        <translation>Systemaufruf unterbrochen</translation>
    </message>
    <message>
        <source>Input/output error</source>
        <translation>Ein-/Ausgabefehler</translation>
    </message>
    <message>
        <source>No such device or address</source>
        <translation>kein solches Gerät und keine solche Adresse</translation>
    </message>
    <message>
        <source>Bad file descriptor</source>
        <translation>ungültiger Dateideskriptor</translation>
    </message>
    <message>
        <source>Resource temporarily unavailable</source>
        <translation>vorübergehend nicht verfügbar</translation>
    </message>
    <message>
        <source>Cannot allocate memory</source>
        <translation>kein Speicher zu bekommen</translation>
    </message>
    <message>
        <source>Permission denied</source>
        <translation>keine Berechtigung</translation>
    </message>
    <message>
        <source>Device or resource busy</source>
        <translation>Gerät oder Mittel belegt</translation>
    </message>
    <message>
        <source>File exists</source>
        <translation>die Datei gibt es schon</translation>
    </message>
    <message>
        <source>Invalid cross-device link</source>
        <translation>ein Verweis über Dateisysteme hinweg</translation>
    </message>
    <message>
        <source>No such device</source>
        <translation>kein solches Gerät</translation>
    </message>
    <message>
        <source>Not a directory</source>
        <translation>kein Verzeichnis</translation>
    </message>
    <message>
        <source>Is a directory</source>
        <translation>ein Verzeichnis</translation>
    </message>
    <message>
        <source>Invalid argument</source>
        <translation>ungültiges Argument</translation>
    </message>
    <message>
        <source>Too many open files in system</source>
        <translation>zu viele offene Dateien im System</translation>
    </message>
    <message>
        <source>Too many open files</source>
        <translation>zu viele offene Dateien</translation>
    </message>
    <message>
        <source>Text file busy</source>
        <translation>das Programm wird gerade ausgeführt</translation>
    </message>
    <message>
        <source>File too large</source>
        <translation>Datei zu groß</translation>
    </message>
    <message>
        <source>No space left on device</source>
        <translation>kein Platz mehr auf dem Gerät</translation>
    </message>
    <message>
        <source>Illegal seek</source>
        <translation>in dieser Datei kann nicht gesprungen werden</translation>
    </message>
    <message>
        <source>Read-only file system</source>
        <translation>das Dateisystem ist nur lesbar</translation>
    </message>
    <message>
        <source>Too many links</source>
        <translation>zu viele Verweise</translation>
    </message>
    <message>
        <source>Broken pipe</source>
        <translation>die Gegenseite der Pipe ist geschlossen</translation>
    </message>
    <message>
        <source>File name too long</source>
        <translation>Dateiname zu lang</translation>
    </message>
    <message>
        <source>No locks available</source>
        <translation>keine Sperren verfügbar</translation>
    </message>
    <message>
        <source>Function not implemented</source>
        <translation>diese Funktion gibt es hier nicht</translation>
    </message>
    <message>
        <source>Directory not empty</source>
        <translation>Verzeichnis nicht leer</translation>
    </message>
    <message>
        <source>Too many levels of symbolic links</source>
        <translation>zu viele symbolische Verweise hintereinander</translation>
    </message>
    <message>
        <source>Value too large for defined data type</source>
        <translation>der Wert ist zu groß für seinen Datentyp</translation>
    </message>
    <message>
        <source>Operation not supported</source>
        <translation>nicht unterstützt</translation>
    </message>
    <message>
        <source>Transport endpoint is not connected</source>
        <translation>keine Verbindung zum Dateisystem</translation>
    </message>
    <message>
        <source>Connection timed out</source>
        <translation>keine Antwort innerhalb der Zeit</translation>
    </message>
    <message>
        <source>Host is down</source>
        <translation>der Rechner am anderen Ende ist aus</translation>
    </message>
    <message>
        <source>Stale file handle</source>
        <translation>die Datei auf dem Netzlaufwerk gibt es so nicht mehr</translation>
    </message>
    <message>
        <source>Structure needs cleaning</source>
        <translation>das Dateisystem ist beschädigt und muss geprüft werden</translation>
    </message>
    <message>
        <source>Remote I/O error</source>
        <translation>Ein-/Ausgabefehler am anderen Ende</translation>
    </message>
    <message>
        <source>Disk quota exceeded</source>
        <translation>das Plattenkontingent ist erschöpft</translation>
    </message>
    <message>
        <source>No medium found</source>
        <translation>kein Datenträger eingelegt</translation>
    </message>
    <message>
        <source>Illegal instruction</source>
        <translation>ungültiger Maschinenbefehl</translation>
    </message>
    <message>
        <source>Aborted</source>
        <translation>Abbruch</translation>
    </message>
    <message>
        <source>Bus error</source>
        <translation>Busfehler</translation>
    </message>
    <message>
        <source>Floating point exception</source>
        <translation>Rechenfehler (Gleitkommaausnahme)</translation>
    </message>
    <message>
        <source>Segmentation fault</source>
        <translation>Speicherzugriffsfehler</translation>
    </message>
    <message>
        <source>Terminated</source>
        <translation>beendet</translation>
    </message>
    <message>
        <source>CPU time limit exceeded</source>
        <translation>Grenze der Rechenzeit überschritten</translation>
    </message>
    <message>
        <source>File size limit exceeded</source>
        <translation>Grenze der Dateigröße überschritten</translation>
    </message>
    <message>
        <source>Bad system call</source>
        <translation>ungültiger Systemaufruf</translation>
    </message>
    <message>
        <source>SQL logic error</source>
        <translation>Fehler in der SQL-Anweisung</translation>
    </message>
    <message>
        <source>access permission denied</source>
        <translation>Zugriff verweigert</translation>
    </message>
    <message>
        <source>query aborted</source>
        <translation>Abfrage abgebrochen</translation>
    </message>
    <message>
        <source>database is locked</source>
        <translation>die Datenbank ist gesperrt</translation>
    </message>
    <message>
        <source>database table is locked</source>
        <translation>die Tabelle ist gesperrt</translation>
    </message>
    <message>
        <source>out of memory</source>
        <translation>kein Speicher mehr frei</translation>
    </message>
    <message>
        <source>attempt to write a readonly database</source>
        <translation>die Datenbank ist nur lesbar</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <source>disk I/O error</source>
        <translation>Ein-/Ausgabefehler der Platte</translation>
    </message>
    <message>
        <source>database disk image is malformed</source>
        <translation>die Datenbank ist beschädigt</translation>
    </message>
    <message>
        <source>database or disk is full</source>
        <translation>die Datenbank oder die Platte ist voll</translation>
    </message>
    <message>
        <source>unable to open database file</source>
        <translation>die Datenbank lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>locking protocol</source>
        <translation>Fehler beim Sperren</translation>
    </message>
    <message>
        <source>database schema has changed</source>
        <translation>das Schema der Datenbank hat sich geändert</translation>
    </message>
    <message>
        <source>string or blob too big</source>
        <translation>Text oder Daten zu groß</translation>
    </message>
    <message>
        <source>constraint failed</source>
        <translation>Bedingung verletzt</translation>
    </message>
    <message>
        <source>datatype mismatch</source>
        <translation>falscher Datentyp</translation>
    </message>
    <message>
        <source>bad parameter or other API misuse</source>
        <translation>falsche Verwendung der Datenbank</translation>
    </message>
    <message>
        <source>authorization denied</source>
        <translation>Zugriff verweigert</translation>
    </message>
    <message>
        <source>column index out of range</source>
        <translation>Spaltennummer außerhalb des Bereichs</translation>
    </message>
    <message>
        <source>file is not a database</source>
        <translation>die Datei ist keine Datenbank</translation>
    </message>
    <message>
        <source>unknown error</source>
        <translation>unbekannter Fehler</translation>
    </message>
    <message>
        <source>no such table: %1</source>
        <translation>keine Tabelle %1</translation>
    </message>
    <message>
        <source>no such column: %1</source>
        <translation>keine Spalte %1</translation>
    </message>
    <message>
        <source>table %1 already exists</source>
        <translation>Tabelle %1 gibt es schon</translation>
    </message>
    <message>
        <source>UNIQUE constraint failed: %1</source>
        <translation>%1 muss eindeutig sein</translation>
    </message>
    <message>
        <source>CHECK constraint failed: %1</source>
        <translation>verletzte Bedingung: %1</translation>
    </message>
    <message>
        <source>NOT NULL constraint failed: %1</source>
        <translation>%1 darf nicht leer sein</translation>
    </message>
    <message>
        <source>FOREIGN KEY constraint failed</source>
        <translation>ein Verweis auf eine andere Tabelle geht ins Leere</translation>
    </message>
    <message>
        <source>cudaError%1: %2</source>
        <translation>cudaError%1: %2</translation>
    </message>
    <message>
        <source>status %1: %2</source>
        <translation>Status %1: %2</translation>
    </message>
    <message>
        <source>invalid argument</source>
        <translation>ungültiges Argument</translation>
    </message>
    <message>
        <source>initialization error</source>
        <translation>Fehler beim Starten</translation>
    </message>
    <message>
        <source>driver shutting down</source>
        <translation>der Treiber wird gerade beendet</translation>
    </message>
    <message>
        <source>invalid configuration argument</source>
        <translation>ungültige Startkonfiguration</translation>
    </message>
    <message>
        <source>CUDA driver is a stub library</source>
        <translation>statt des CUDA-Treibers liegt nur sein Platzhalter vor</translation>
    </message>
    <message>
        <source>CUDA driver version is insufficient for CUDA runtime version</source>
        <translation>der CUDA-Treiber ist zu alt für diese CUDA-Laufzeit</translation>
    </message>
    <message>
        <source>API call is not supported in the installed CUDA driver</source>
        <translation>der installierte CUDA-Treiber kennt diesen Aufruf nicht</translation>
    </message>
    <message>
        <source>CUDA-capable device(s) is/are busy or unavailable</source>
        <translation>die GPU ist belegt oder nicht verfügbar</translation>
    </message>
    <message>
        <source>invalid device function</source>
        <translation>diese Funktion gibt es für die GPU nicht</translation>
    </message>
    <message>
        <source>no CUDA-capable device is detected</source>
        <translation>keine CUDA-fähige GPU gefunden</translation>
    </message>
    <message>
        <source>invalid device ordinal</source>
        <translation>keine GPU mit dieser Nummer</translation>
    </message>
    <message>
        <source>startup failure in cuda runtime</source>
        <translation>die CUDA-Laufzeit startet nicht</translation>
    </message>
    <message>
        <source>device kernel image is invalid</source>
        <translation>ungültiger GPU-Code</translation>
    </message>
    <message>
        <source>invalid device context</source>
        <translation>ungültiger GPU-Kontext</translation>
    </message>
    <message>
        <source>no kernel image is available for execution on the device</source>
        <translation>kein GPU-Code für dieses Modell der GPU</translation>
    </message>
    <message>
        <source>uncorrectable ECC error encountered</source>
        <translation>nicht korrigierbarer Speicherfehler der GPU (ECC)</translation>
    </message>
    <message>
        <source>exclusive-thread device already in use by a different thread</source>
        <translation>ein anderer Thread hat die GPU für sich allein</translation>
    </message>
    <message>
        <source>peer access is not supported between these two devices</source>
        <translation>diese beiden GPUs können nicht aufeinander zugreifen</translation>
    </message>
    <message>
        <source>a PTX JIT compilation failed</source>
        <translation>das Übersetzen des PTX-Codes ist gescheitert</translation>
    </message>
    <message>
        <source>uncorrectable NVLink error detected during the execution</source>
        <translation>nicht korrigierbarer NVLink-Fehler</translation>
    </message>
    <message>
        <source>the provided PTX was compiled with an unsupported toolchain.</source>
        <translation>der PTX-Code stammt von einem Übersetzer, den dieser Treiber nicht kennt</translation>
    </message>
    <message>
        <source>OS call failed or operation not supported on this OS</source>
        <translation>ein Aufruf des Betriebssystems ist gescheitert</translation>
    </message>
    <message>
        <source>invalid resource handle</source>
        <translation>ungültige Kennung</translation>
    </message>
    <message>
        <source>named symbol not found</source>
        <translation>Symbol nicht gefunden</translation>
    </message>
    <message>
        <source>an illegal memory access was encountered</source>
        <translation>unerlaubter Speicherzugriff</translation>
    </message>
    <message>
        <source>too many resources requested for launch</source>
        <translation>zu viele Mittel für einen Start verlangt</translation>
    </message>
    <message>
        <source>the launch timed out and was terminated</source>
        <translation>die Rechnung dauerte zu lange und wurde beendet</translation>
    </message>
    <message>
        <source>context is destroyed</source>
        <translation>der Kontext ist zerstört</translation>
    </message>
    <message>
        <source>device-side assert triggered</source>
        <translation>eine Annahme im GPU-Code stimmt nicht</translation>
    </message>
    <message>
        <source>hardware stack error</source>
        <translation>Stapelfehler der GPU</translation>
    </message>
    <message>
        <source>an illegal instruction was encountered</source>
        <translation>ungültiger Befehl der GPU</translation>
    </message>
    <message>
        <source>misaligned address</source>
        <translation>falsch ausgerichtete Adresse</translation>
    </message>
    <message>
        <source>invalid program counter</source>
        <translation>ungültiger Befehlszähler</translation>
    </message>
    <message>
        <source>unspecified launch failure</source>
        <translation>nicht näher bestimmter Fehler beim Rechnen</translation>
    </message>
    <message>
        <source>operation not permitted</source>
        <translation>nicht erlaubt</translation>
    </message>
    <message>
        <source>operation not supported</source>
        <translation>nicht unterstützt</translation>
    </message>
    <message>
        <source>system not yet initialized</source>
        <translation>das System ist noch nicht bereit</translation>
    </message>
    <message>
        <source>system has unsupported display driver / cuda driver combination</source>
        <translation>Grafik- und CUDA-Treiber passen nicht zusammen</translation>
    </message>
    <message>
        <source>forward compatibility was attempted on non supported HW</source>
        <translation>diese GPU erlaubt keine neuere CUDA-Fassung als die ihres Treibers</translation>
    </message>
    <message>
        <source>the library was not initialized</source>
        <translation>die Bibliothek ist nicht bereit</translation>
    </message>
    <message>
        <source>the resource allocation failed</source>
        <translation>kein Speicher zu bekommen</translation>
    </message>
    <message>
        <source>an unsupported value or parameter was passed to the function</source>
        <translation>die Funktion bekam einen Wert, den sie nicht unterstützt</translation>
    </message>
    <message>
        <source>the function requires an architectural feature absent from the device</source>
        <translation>der GPU fehlt, was die Funktion braucht</translation>
    </message>
    <message>
        <source>an access to GPU memory space failed</source>
        <translation>ein Zugriff auf den GPU-Speicher ist gescheitert</translation>
    </message>
    <message>
        <source>the function failed to launch on the GPU</source>
        <translation>die Funktion ließ sich auf der GPU nicht starten</translation>
    </message>
    <message>
        <source>an internal operation failed</source>
        <translation>ein innerer Schritt ist gescheitert</translation>
    </message>
    <message>
        <source>the requested functionality is not supported</source>
        <translation>das Verlangte wird nicht unterstützt</translation>
    </message>
    <message>
        <source>an NVIDIA GPU and its driver</source>
        <translation>eine NVIDIA-GPU und ihr Treiber</translation>
    </message>
    <message>
        <source>use --device cpu</source>
        <translation>--device cpu nehmen</translation>
    </message>
    <message>
        <source>install or update the NVIDIA driver, or use --device cpu</source>
        <translation>den NVIDIA-Treiber installieren oder erneuern oder --device cpu nehmen</translation>
    </message>
    <message>
        <source>salient devices lists what there is; use --device cpu otherwise</source>
        <translation>salient devices zeigt, was es gibt; sonst --device cpu nehmen</translation>
    </message>
    <message>
        <source>salient devices lists what there is</source>
        <translation>salient devices zeigt, was es gibt</translation>
    </message>
    <message>
        <source>cuda:0 to cuda:%1</source>
        <translation>cuda:0 bis cuda:%1</translation>
    </message>
    <message>
        <source>%1 or newer</source>
        <translation>%1 oder neuer</translation>
    </message>
    <message>
        <source>a size that can be addressed</source>
        <translation>eine Größe, die sich adressieren lässt</translation>
    </message>
    <message>
        <source>a larger one</source>
        <translation>eine größere</translation>
    </message>
    <message>
        <source>use a smaller model or shorter sequences</source>
        <translation>ein kleineres Modell oder kürzere Sequenzen nehmen</translation>
    </message>
    <message>
        <source>success of cuBLAS</source>
        <translation>Erfolg von cuBLAS</translation>
    </message>
    <message>
        <source>%1 bytes of device memory</source>
        <translation>%1 Bytes GPU-Speicher</translation>
    </message>
    <message>
        <source>%1 of %2 bytes in use</source>
        <translation>%1 von %2 Bytes belegt</translation>
    </message>
    <message>
        <source>raise --gpu-memory, or use shorter sequences or fewer at once</source>
        <translation>--gpu-memory anheben oder kürzere Sequenzen oder weniger auf einmal nehmen</translation>
    </message>
    <message>
        <source>close other programs on the GPU, or lower --gpu-memory</source>
        <translation>andere Programme auf der GPU schließen oder --gpu-memory senken</translation>
    </message>
    <message>
        <source>use shorter sequences or fewer at once, or close other programs on the GPU</source>
        <translation>kürzere Sequenzen oder weniger auf einmal nehmen oder andere Programme auf der GPU schließen</translation>
    </message>
    <message>
        <source>use shorter sequences or fewer at once, close other programs on the GPU, or use --device cpu</source>
        <translation>kürzere Sequenzen oder weniger auf einmal nehmen, andere Programme auf der GPU schließen oder --device cpu nehmen</translation>
    </message>
    <message>
        <source>the GPU is of no more use to this process; start again: what was finished is kept</source>
        <translation>die GPU nützt diesem Prozess nichts mehr; neu starten: was fertig ist, bleibt erhalten</translation>
    </message>
</context>
<context>
    <name>Report</name>
    <message>
        <source>%1 – Salient report</source>
        <translation>%1 – Salient-Bericht</translation>
    </message>
    <message>
        <source>Experiments %1 and %2</source>
        <translation>Experimente %1 und %2</translation>
    </message>
    <message>
        <source>Salient report, experiment %1: %2 of %3, %4, begun %5</source>
        <translation>Salient-Bericht, Experiment %1: %2 von %3, %4, begonnen %5</translation>
    </message>
    <message>
        <source>%1 of %2, %3, begun %4</source>
        <translation>%1 von %2, %3, begonnen %4</translation>
    </message>
    <message>
        <source>Made by salient %1. Payload bits count the codes only, as papers do; effective bits also count scales, zero points and row indices, as the disk does.</source>
        <translation>Erstellt von salient %1. Nutzlast-Bits zählen nur die Codes, wie in Arbeiten üblich; effektive Bits zählen auch Skalen, Nullpunkte und Zeilenindizes, wie die Platte.</translation>
    </message>
    <message>
        <source>Perplexity, 16 bit to quantized, scales %1</source>
        <translation>Perplexität, 16 Bit zu quantisiert, Skalen %1</translation>
    </message>
    <message>
        <source>Perplexity, 16 bit to quantized</source>
        <translation>Perplexität, 16 Bit zu quantisiert</translation>
    </message>
    <message>
        <source>KL divergence from 16 bit</source>
        <translation>KL-Divergenz von 16 Bit</translation>
    </message>
    <message>
        <source>nats a token; top-1 %1</source>
        <translation>Nat je Token; Top-1 %1</translation>
    </message>
    <message>
        <source>nats a token (quantized minus 16 bit, paired).</source>
        <translation>Nat je Token (quantisiert minus 16 Bit, gepaart).</translation>
    </message>
    <message>
        <source>nats a token</source>
        <translation>Nat je Token</translation>
    </message>
    <message>
        <source>Bits a weight</source>
        <translation>Bits je Gewicht</translation>
    </message>
    <message>
        <source>effective; %1 payload</source>
        <translation>effektiv; %1 Nutzlast</translation>
    </message>
    <message>
        <source>Quantized linears</source>
        <translation>Quantisierte Linearschichten</translation>
    </message>
    <message>
        <source>%1× smaller than 16 bit</source>
        <translation>%1-mal kleiner als 16 Bit</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Güte</translation>
    </message>
    <message>
        <source>This experiment was not evaluated.</source>
        <translation>Dieses Experiment wurde nicht ausgewertet.</translation>
    </message>
    <message>
        <source>Perplexity over non-overlapping windows; lower is better.</source>
        <translation>Perplexität über Fenster, die sich nicht überlappen; niedriger ist besser.</translation>
    </message>
    <message>
        <source>Perplexity with one standard error to each side. The standard error is that of the text&apos;s windows; both models read the same ones.</source>
        <translation>Perplexität mit einem Standardfehler nach jeder Seite. Der Standardfehler ist der der Fenster des Textes; beide Modelle lesen dieselben.</translation>
    </message>
    <message>
        <source>Perplexity of the models</source>
        <translation>Perplexität der Modelle</translation>
    </message>
    <message>
        <source>Measures, ± one standard error</source>
        <translation>Messgrößen, ± ein Standardfehler</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Messgröße</translation>
    </message>
    <message>
        <source>16 bit (%1)</source>
        <translation>16 Bit (%1)</translation>
    </message>
    <message>
        <source>16 bit</source>
        <translation>16 Bit</translation>
    </message>
    <message>
        <source>quantized, scales %1</source>
        <translation>quantisiert, Skalen %1</translation>
    </message>
    <message>
        <source>quantized (%1)</source>
        <translation>quantisiert (%1)</translation>
    </message>
    <message>
        <source>quantized</source>
        <translation>quantisiert</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>KL(16 bit ‖ quantized), nats a token</source>
        <translation>KL(16 Bit ‖ quantisiert), Nat je Token</translation>
    </message>
    <message>
        <source>KL(quantized ‖ 16 bit), nats a token</source>
        <translation>KL(quantisiert ‖ 16 Bit), Nat je Token</translation>
    </message>
    <message>
        <source>Same most likely token</source>
        <translation>Gleiches wahrscheinlichstes Token</translation>
    </message>
    <message>
        <source>Overlap of the five most likely tokens</source>
        <translation>Überlappung der fünf wahrscheinlichsten Token</translation>
    </message>
    <message>
        <source>Windows</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Predicted tokens</source>
        <translation>Vorhergesagte Token</translation>
    </message>
    <message>
        <source>Tokens a second, generating</source>
        <translation>Token je Sekunde beim Schreiben</translation>
    </message>
    <message>
        <source>Tokens a second</source>
        <translation>Token je Sekunde</translation>
    </message>
    <message>
        <source>In experiment %1: Window by window, the loss changes by</source>
        <translation>In Experiment %1: Fenster für Fenster ändert sich der Verlust um</translation>
    </message>
    <message>
        <source>Window by window, the loss changes by</source>
        <translation>Fenster für Fenster ändert sich der Verlust um</translation>
    </message>
    <message>
        <source>On other texts</source>
        <translation>An anderen Texten</translation>
    </message>
    <message>
        <source>The packed model measured again after its run.</source>
        <translation>Das gepackte Modell, nach seinem Lauf erneut gemessen.</translation>
    </message>
    <message>
        <source>Later evaluations, ± one standard error (%1)</source>
        <translation>Spätere Auswertungen, ± ein Standardfehler (%1)</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Tokens of a window</source>
        <translation>Token eines Fensters</translation>
    </message>
    <message>
        <source>16-bit perplexity</source>
        <translation>16-Bit-Perplexität</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Backend</source>
        <translation>Rechenwerk</translation>
    </message>
    <message>
        <source>Where the 8-bit features went</source>
        <translation>Wohin die 8-Bit-Merkmale kamen</translation>
    </message>
    <message>
        <source>Each bar is one linear layer: the share of its output features that got 8 bit. The selection is made over the whole model, so shares differ from layer to layer.</source>
        <translation>Jeder Balken ist eine Linearschicht: der Anteil ihrer Ausgabemerkmale, die 8 Bit bekamen. Ausgewählt wird über das ganze Modell, die Anteile unterscheiden sich also von Schicht zu Schicht.</translation>
    </message>
    <message>
        <source>experiment %1 has %2 bits in every row: no features were chosen.</source>
        <translation>Experiment %1 hat %2 Bit in jeder Zeile: Es wurden keine Merkmale gewählt.</translation>
    </message>
    <message>
        <source>experiment %1 has no bit map.</source>
        <translation>Experiment %1 hat keine Bitkarte.</translation>
    </message>
    <message>
        <source>8-bit share of every linear by layer (%1).</source>
        <translation>8-Bit-Anteil jeder Linearschicht nach Schicht (%1).</translation>
    </message>
    <message>
        <source>8-bit share of every linear</source>
        <translation>8-Bit-Anteil jeder Linearschicht</translation>
    </message>
    <message>
        <source>8-bit output features, percent of each linear</source>
        <translation>8-Bit-Ausgabemerkmale, Prozent jeder Linearschicht</translation>
    </message>
    <message>
        <source>8-bit share of all output features of a projection, over all layers (%1).</source>
        <translation>8-Bit-Anteil aller Ausgabemerkmale einer Projektion, über alle Schichten (%1).</translation>
    </message>
    <message>
        <source>8-bit share by projection</source>
        <translation>8-Bit-Anteil nach Projektion</translation>
    </message>
    <message>
        <source>8-bit output features by projection</source>
        <translation>8-Bit-Ausgabemerkmale nach Projektion</translation>
    </message>
    <message>
        <source>Averages by projection</source>
        <translation>Mittelwerte nach Projektion</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>Schicht %1</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>Projection</source>
        <translation>Projektion</translation>
    </message>
    <message>
        <source>Features</source>
        <translation>Merkmale</translation>
    </message>
    <message>
        <source>8 bit (%1)</source>
        <translation>8 Bit (%1)</translation>
    </message>
    <message>
        <source>8 bit</source>
        <translation>8 Bit</translation>
    </message>
    <message>
        <source>percent (%1)</source>
        <translation>Prozent (%1)</translation>
    </message>
    <message>
        <source>percent</source>
        <translation>Prozent</translation>
    </message>
    <message>
        <source>%1: %2, %3 of %4 features</source>
        <translation>%1: %2, %3 von %4 Merkmalen</translation>
    </message>
    <message>
        <source>A sample of text</source>
        <translation>Eine Textprobe</translation>
    </message>
    <message>
        <source>The prompt is grey (%1).</source>
        <translation>Der Anfang ist grau (%1).</translation>
    </message>
    <message>
        <source>Time by stage, %1 together (%2).</source>
        <translation>Zeit nach Stufe, zusammen %1 (%2).</translation>
    </message>
    <message>
        <source>Time by stage</source>
        <translation>Zeit nach Stufe</translation>
    </message>
    <message>
        <source>Seconds by stage (%1)</source>
        <translation>Sekunden nach Stufe (%1)</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>Sekunden</translation>
    </message>
    <message>
        <source>together</source>
        <translation>zusammen</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>Rezept</translation>
    </message>
    <message>
        <source>The same recipe on the same model and text gives the same bytes.</source>
        <translation>Dasselbe Rezept am selben Modell und Text ergibt dieselben Bytes.</translation>
    </message>
    <message>
        <source>≠ marks what differs.</source>
        <translation>≠ bezeichnet, was verschieden ist.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Where it comes from</source>
        <translation>Woher es kommt</translation>
    </message>
    <message>
        <source>Model, texts, program, machine</source>
        <translation>Modell, Texte, Programm, Maschine</translation>
    </message>
    <message>
        <source>model fingerprint</source>
        <translation>Fingerabdruck des Modells</translation>
    </message>
    <message>
        <source>model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>architecture</source>
        <translation>Architektur</translation>
    </message>
    <message>
        <source>parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>calibration text</source>
        <translation>Kalibrierungstext</translation>
    </message>
    <message>
        <source>evaluation text</source>
        <translation>Auswertungstext</translation>
    </message>
    <message>
        <source>packed model</source>
        <translation>gepacktes Modell</translation>
    </message>
    <message>
        <source>its manifest&apos;s SHA-256</source>
        <translation>SHA-256 seines Manifests</translation>
    </message>
    <message>
        <source>the one the scores were made from, SHA-256 %1</source>
        <translation>der, aus dem die Bewertungen entstanden, SHA-256 %1</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <source>begun</source>
        <translation>begonnen</translation>
    </message>
    <message>
        <source>finished</source>
        <translation>beendet</translation>
    </message>
    <message>
        <source>not</source>
        <translation>nicht</translation>
    </message>
    <message>
        <source>program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>backend</source>
        <translation>Rechenwerk</translation>
    </message>
    <message>
        <source>processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>cores, memory</source>
        <translation>Kerne, Speicher</translation>
    </message>
    <message>
        <source>system</source>
        <translation>System</translation>
    </message>
    <message>
        <source>experiment %1: %2</source>
        <translation>Experiment %1: %2</translation>
    </message>
    <message>
        <source>experiment %1</source>
        <translation>Experiment %1</translation>
    </message>
    <message>
        <source>run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>quantize</source>
        <translation>Quantisierung</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
</context>
<context>
    <name>Request</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Compared with</source>
        <translation>Verglichen mit</translation>
    </message>
    <message>
        <source>Calibration text</source>
        <translation>Kalibrierungstext</translation>
    </message>
    <message>
        <source>Evaluation text</source>
        <translation>Auswertungstext</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Key of JSON lines</source>
        <translation>Schlüssel von JSON-Zeilen</translation>
    </message>
    <message>
        <source>Scores</source>
        <translation>Bewertungen</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>Experiments</source>
        <translation>Experimente</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>Stichproben</translation>
    </message>
    <message>
        <source>Tokens of a sequence</source>
        <translation>Token einer Sequenz</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>Estimate of the salience</source>
        <translation>Schätzung der Salienz</translation>
    </message>
    <message>
        <source>Features in 8 bit, %</source>
        <translation>Merkmale in 8 Bit, %</translation>
    </message>
    <message>
        <source>Average bits</source>
        <translation>Mittlere Bits</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Bits of every row</source>
        <translation>Bits jeder Zeile</translation>
    </message>
    <message>
        <source>Rank by</source>
        <translation>Rang nach</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>Einheit</translation>
    </message>
    <message>
        <source>Selection</source>
        <translation>Auswahl</translation>
    </message>
    <message>
        <source>Row multiple</source>
        <translation>Zeilenvielfaches</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Methode</translation>
    </message>
    <message>
        <source>Search for clipped ranges</source>
        <translation>Nach gekappten Bereichen suchen</translation>
    </message>
    <message>
        <source>Damping</source>
        <translation>Dämpfung</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>Gruppe</translation>
    </message>
    <message>
        <source>Tokens of a window</source>
        <translation>Token eines Fensters</translation>
    </message>
    <message>
        <source>Windows</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Read back and compare</source>
        <translation>Zurücklesen und vergleichen</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>From the beginning</source>
        <translation>Von vorn</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
</context>
</TS>

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/model_facts.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QLocale>
#include <QMap>

#include "ui/models/core_sentences.h"
#include "ui/models/numbers.h"

namespace salient::ui {
namespace {

class Facts {
  Q_DECLARE_TR_FUNCTIONS(ModelFacts)

 public:
  explicit Facts(const QJsonObject& inspect)
      : inspect_(inspect), config_(inspect.value(QLatin1String("config")).toObject()) {}

  QVector<FactGroup> all() { return {architecture(), size(), tokenizer()}; }

 private:
  [[nodiscard]] static QString count(const QJsonObject& object, const char* key) {
    return numbers::count(object.value(QLatin1String(key)).toInteger());
  }
  [[nodiscard]] QString config(const char* key) const { return count(config_, key); }
  [[nodiscard]] static QString yesNo(bool yes) { return yes ? tr("yes") : tr("no"); }

  FactGroup architecture() {
    const auto number = [&](const char* key) { return config_.value(QLatin1String(key)).toDouble(); };
    const auto flag = [&](const char* key) { return config_.value(QLatin1String(key)).toBool(); };
    const auto heads = config_.value(QLatin1String("heads")).toInteger();
    const auto kvHeads = config_.value(QLatin1String("kv_heads")).toInteger();
    QString attention = kvHeads == heads ? tr("multi-head") : kvHeads == 1 ? tr("multi-query") : tr("grouped-query");
    FactGroup group{tr("Architecture"), {}};
    group.facts = {
        {QStringLiteral("architecture"), tr("Architecture"), inspect_.value(QLatin1String("architecture")).toString(),
         tr("The decoder's family, from config.json.")},
        {QStringLiteral("layers"), tr("Layers"), config("layers"), tr("Decoder blocks (num_hidden_layers).")},
        {QStringLiteral("hidden_size"), tr("Hidden size"), config("hidden_size"),
         tr("Width of the residual stream (hidden_size).")},
        {QStringLiteral("intermediate_size"), tr("Feed-forward size"), config("intermediate_size"),
         tr("Width inside the gated feed-forward network (intermediate_size).")},
        {QStringLiteral("heads"), tr("Attention heads"),
         tr("%1 of %2 dimensions").arg(config("heads"), config("head_dim")),
         tr("Query heads (num_attention_heads) and the size of each (head_dim).")},
        {QStringLiteral("kv_heads"), tr("Key/value heads"), tr("%1 (%2 attention)").arg(config("kv_heads"), attention),
         tr("Heads of keys and values (num_key_value_heads); fewer of them make a smaller KV cache.")},
        {QStringLiteral("max_positions"), tr("Context length"), tr("%1 tokens").arg(config("max_positions")),
         tr("The longest sequence (max_position_embeddings).")},
        {QStringLiteral("rope_theta"), tr("RoPE base θ"), numbers::significant(number("rope_theta"), 6),
         tr("Base of the rotary position embedding (rope_theta).")},
        {QStringLiteral("rms_norm_eps"), tr("RMSNorm ε"), numbers::significant(number("rms_norm_eps"), 3),
         tr("Added under the root in the normalization (rms_norm_eps).")},
        {QStringLiteral("qkv_bias"), tr("Bias on q, k, v"), yesNo(flag("qkv_bias")),
         tr("Whether the query, key and value projections add a bias, as Qwen2's do.")},
        {QStringLiteral("tied_embeddings"), tr("Tied embeddings"), yesNo(flag("tied_embeddings")),
         tr("Whether the output layer reuses the input embedding (tie_word_embeddings).")},
    };
    return group;
  }

  FactGroup size() {
    const bool packed = inspect_.value(QLatin1String("format")).toString() == QLatin1String("packed");
    FactGroup group{tr("Weights"), {}};
    group.facts = {
        {QStringLiteral("format"), tr("Format"),
         packed ? tr("packed, mixed 4 and 8 bit") : tr("checkpoint, %1").arg(dataTypes()),
         tr("A checkpoint as it was published, or a model packed by Salient.")},
        {QStringLiteral("parameters"), tr("Parameters"), count(inspect_, "parameters"),
         tr("Of the whole model, embeddings included.")},
        {QStringLiteral("tensors"), tr("Tensors"),
         tr("%1 in %n file(s)", nullptr, static_cast<int>(inspect_.value(QLatin1String("shards")).toInteger()))
             .arg(numbers::count(inspect_.value(QLatin1String("tensors")).toArray().size())),
         tr("Safetensors files and the tensors in them.")},
        {QStringLiteral("tensor_bytes"), tr("Size on disk"),
         numbers::bytes(inspect_.value(QLatin1String("tensor_bytes")).toDouble()), tr("Of all tensors together.")},
        {QStringLiteral("linears"), tr("Linears to quantize"),
         numbers::count(inspect_.value(QLatin1String("linears")).toArray().size()),
         tr("The seven projections of each layer: q, k, v, o, gate, up and down.")},
        {QStringLiteral("features"), tr("Output features"), count(inspect_, "features"),
         tr("Rows of the linears: what is given 4 or 8 bit.")},
        {QStringLiteral("linear_weights"), tr("Weights in linears"), count(inspect_, "linear_weights"),
         tr("What quantization shrinks; embeddings and norms stay as they are.")},
        // Known later: all weights are read for it.
        {QStringLiteral("values"), tr("Values"), tr("not read yet"),
         tr("Floating-point values: all are read in the background, since no quantization survives NaN or infinite "
            "ones.")},
    };
    if (packed) {
      group.facts.append({QStringLiteral("percent"), tr("8-bit features"),
                          numbers::percent(inspect_.value(QLatin1String("percent")).toDouble(), 2),
                          tr("Share of the output features in 8 bit; the others have 4 bit.")});
      group.facts.append(
          {QStringLiteral("effective_bits"), tr("Effective bits"),
           tr("%1 a weight").arg(numbers::bits(inspect_.value(QLatin1String("effective_bits")).toDouble())),
           tr("Codes, scales and zero points of the linears together.")});
      group.facts.append({QStringLiteral("group"), tr("Group size"), tr("%1 weights").arg(count(inspect_, "group")),
                          tr("Weights of a row that share a scale.")});
    }
    return group;
  }

  FactGroup tokenizer() {
    FactGroup group{tr("Tokenizer"), {}};
    group.facts = {{QStringLiteral("vocab_size"), tr("Vocabulary"), tr("%1 rows").arg(config("vocab_size")),
                    tr("Rows of the embedding (vocab_size); often a few more than there are tokens.")}};
    const QJsonObject found = inspect_.value(QLatin1String("tokenizer")).toObject();
    if (found.isEmpty()) {
      group.facts.append({QStringLiteral("tokenizer"), tr("Tokenizer"), tr("none"), tr("See the notes above.")});
      return group;
    }
    group.facts.append({QStringLiteral("tokenizer"), tr("Kind"), found.value(QLatin1String("family")).toString(),
                        tr("How text is cut into tokens.")});
    group.facts.append(
        {QStringLiteral("tokenizer_vocab"), tr("Tokens"), count(found, "vocab_size"), tr("Largest token id and one.")});
    return group;
  }

  /// "BF16", or "BF16 and F32" with the one that holds most bytes first.
  [[nodiscard]] QString dataTypes() const {
    QMap<QString, double> bytes;
    for (const QJsonValue value : inspect_.value(QLatin1String("tensors")).toArray()) {
      const QJsonObject tensor = value.toObject();
      bytes[tensor.value(QLatin1String("dtype")).toString()] += tensor.value(QLatin1String("bytes")).toDouble();
    }
    QStringList names = bytes.keys();
    std::sort(names.begin(), names.end(), [&](const QString& a, const QString& b) { return bytes[a] > bytes[b]; });
    return names.join(tr(" and "));
  }

  const QJsonObject& inspect_;
  QJsonObject config_;
};

}  // namespace

QVector<FactGroup> modelFacts(const QJsonObject& inspect) {
  return Facts(inspect).all();
}

QStringList modelNotes(const QJsonObject& inspect) {
  QStringList notes;
  for (const QJsonValue note : inspect.value(QLatin1String("notes")).toArray())
    notes << coreSentence(note.toString());
  return notes;
}

QString noteInShort(const QString& note) {
  constexpr qsizetype kMost = 240;
  if (note.size() <= kMost) return note;
  const qsizetype space = note.lastIndexOf(QLatin1Char(' '), kMost);
  return note.left(space > 0 ? space : kMost) + QStringLiteral(" …");
}

}  // namespace salient::ui

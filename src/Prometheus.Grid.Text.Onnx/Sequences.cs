using Prometheus.Grid.Text.Onnx.Tokenization;

namespace Prometheus.Grid.Text.Onnx;

/// <summary>A document as the model reads it, or one window of it.</summary>
/// <param name="Ids">Token ids, [CLS] and [SEP] included.</param>
/// <param name="Document">Whose.</param>
/// <param name="Index">Which of the document's windows.</param>
internal readonly record struct Sequence(int[] Ids, PooledDocument Document, int Index);

/// <summary>Cuts documents into sequences, and sequences into batches.</summary>
internal sealed class Sequences(SentenceTokenizer tokenizer, TransformerManifest manifest)
{
    private const int FrameTokens = 2;

    /// <summary>Adds the sequences of a document: one, or one a window.</summary>
    public void Add(string text, Memory<float> vector, List<Sequence> sequences)
    {
        var tokens = tokenizer.Encode(manifest.Prefix + text);
        int most = manifest.MaxTokens - FrameTokens;
        int step = most - manifest.WindowOverlap;
        int windows = manifest.LongDocuments == LongDocuments.Cut || tokens.Count <= most ? 1 : 1 + (tokens.Count - most + step - 1) / step;
        var document = new PooledDocument(vector, manifest.Normalise, windows);
        for (int window = 0; window < windows; window++)
        {
            int start = window * step;
            sequences.Add(new Sequence(Frame(tokens.GetRange(start, Math.Min(most, tokens.Count - start))), document, window));
        }
    }

    /// <summary>
    /// Batches of similar length within the token budget, longest first, so that the cores end their last batches close together.
    /// </summary>
    /// <param name="sequences">Sorted in place.</param>
    /// <param name="options">The budget, and how much padding is allowed.</param>
    public static IEnumerable<Sequence[]> Batches(List<Sequence> sequences, TransformerOptions options)
    {
        // List.Sort is not stable; OrderBy is, and the same call then makes the same batches.
        Sequence[] sorted = [.. sequences.OrderByDescending(sequence => sequence.Ids.Length)];
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            int length = sorted[start].Ids.Length;
            int tokens = length;
            for (end = start + 1; end < sorted.Length; end++)
            {
                int padded = (end + 1 - start) * length;
                tokens += sorted[end].Ids.Length;
                if (padded > options.TokenBudget || padded - tokens > options.PaddingAllowed * padded)
                    break;
            }
            yield return sorted[start..end];
        }
    }

    private int[] Frame(List<int> tokens) => [tokenizer.ClassificationId, .. tokens, tokenizer.SeparatorId];
}

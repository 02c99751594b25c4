using Microsoft.ML.Tokenizers;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Text.Onnx.Tokenization;

/// <summary>Turns a text into the token ids of a BERT vocabulary, equal to the reference tokenizer's. Thread-safe.</summary>
internal sealed class SentenceTokenizer
{
    private static readonly string[] s_specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    private readonly BertTokenizer _pieces;
    private readonly (string Text, int Id)[] _specialTokens;

    private SentenceTokenizer(BertTokenizer pieces, (string, int)[] specialTokens)
    {
        _pieces = pieces;
        _specialTokens = specialTokens;
    }

    /// <summary>Opens every sequence.</summary>
    public int ClassificationId => _pieces.ClassificationTokenId;

    /// <summary>Ends every sequence.</summary>
    public int SeparatorId => _pieces.SeparatorTokenId;

    /// <summary>Fills up shorter sequences of a batch.</summary>
    public int PaddingId => _pieces.PaddingTokenId;

    /// <summary>Reads a vocabulary.</summary>
    /// <param name="vocabularyFile">One token a line; its id is its line, from 0.</param>
    /// <param name="lowerCase">Whether the model was trained on lower-case text without accents.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <exception cref="GridFaultException">The file is not a BERT vocabulary.</exception>
    public static async Task<SentenceTokenizer> ReadAsync(string vocabularyFile, bool lowerCase, CancellationToken cancellationToken)
    {
        var options = new BertOptions
        {
            Normalizer = new BertNormalizer(lowerCase),
            PreTokenizer = PreTokenizer.CreateWhiteSpace(),
            SplitOnSpecialTokens = false,
            // Of the words that are left none is longer in code points, and a code point has at most two units.
            MaxInputCharsPerWord = 2 * BertNormalizer.LongestWord,
        };
        try
        {
            string[] lines = await File.ReadAllLinesAsync(vocabularyFile, cancellationToken);
            var pieces = await BertTokenizer.CreateAsync(vocabularyFile, options, cancellationToken);
            return new SentenceTokenizer(pieces, [.. s_specialTokens.Select(token => (token, Array.IndexOf(lines, token)))]);
        }
        catch (Exception error) when (error is ArgumentException or KeyNotFoundException)
        {
            throw new GridFaultException(
                $"{vocabularyFile} is not a BERT vocabulary (one token a line, each once, {string.Join(' ', s_specialTokens)} among them): {error.Message}",
                innerException: error);
        }
    }

    /// <summary>The tokens of a text, without those that open and end a sequence.</summary>
    public List<int> Encode(string text)
    {
        var ids = new List<int>(capacity: 64);
        int start = 0;
        for (int at = text.IndexOf('['); at >= 0 && at < text.Length; at = text.IndexOf('[', at))
        {
            // As in the reference, a special token that is spelt out in a text is that token.
            if (SpecialTokenAt(text, at) is not { } special)
            {
                at++;
                continue;
            }
            Encode(text[start..at], ids);
            ids.Add(special.Id);
            start = at += special.Text.Length;
        }
        Encode(start == 0 ? text : text[start..], ids);
        return ids;
    }

    private (string Text, int Id)? SpecialTokenAt(string text, int at)
    {
        foreach (var token in _specialTokens)
        {
            if (string.CompareOrdinal(text, at, token.Text, 0, token.Text.Length) == 0)
                return token;
        }
        return null;
    }

    private void Encode(string text, List<int> ids)
    {
        if (text.Length > 0)
            ids.AddRange(_pieces.EncodeToIds(text, addSpecialTokens: false));
    }
}

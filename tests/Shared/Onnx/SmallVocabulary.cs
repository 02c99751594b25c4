using System.Text;

namespace Prometheus.Grid.Tests.Onnx;

/// <summary>A vocabulary of a WordPiece tokenizer: special tokens, a few words, and every ASCII letter, digit and mark alone and as the rest of a word.</summary>
internal static class SmallVocabulary
{
    public static string[] Tokens { get; } =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
        .. "the of and in bank gold software oil company insurance services hello world cafe ##ing ##tion ##er".Split(' '),
        .. Characters,
        .. Characters.Select(c => $"##{c}"),
    ];

    private static IEnumerable<string> Characters =>
        Enumerable.Range('!', '~' - '!' + 1).Where(c => !char.IsAsciiLetterUpper((char)c)).Select(c => ((char)c).ToString());

    /// <summary>The file vocab.txt.</summary>
    public static byte[] ToBytes() => Encoding.UTF8.GetBytes(string.Join('\n', Tokens) + "\n");
}

using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace Prometheus.Grid.Text.Onnx.Tokenization;

/// <summary>
/// BERT's basic tokenisation as the reference tokenizer (npm <c>@huggingface/tokenizers</c>) does it: cleans the text, lower-cases it, strips
/// accents, and puts one space between words, ideographs and punctuation marks.
/// </summary>
/// <remarks>
/// It replaces the library's own steps, which differ in four ways that change token ids: they drop line breaks instead of turning them into
/// spaces, split at symbols that BERT keeps inside words, leave accents where the process has no ICU (this product runs in invariant
/// mode), and count UTF-16 units where the limit of a word is in code points.
/// </remarks>
/// <param name="lowerCase">Lower-cases and strips accents, as uncased models are trained.</param>
internal sealed class BertNormalizer(bool lowerCase) : Normalizer
{
    /// <summary>Longer words become the unknown token; in code points.</summary>
    public const int LongestWord = 100;

    /// <summary>Stands for a word that is too long: cleaning removes it from every text, and no vocabulary has it.</summary>
    private const char TooLong = '\uFFFD';

    // Ideographs get spaces on both sides, a character may lower-case into two, and every piece is followed by a space.
    private const int MostCharsPerChar = 3;

    /// <inheritdoc/>
    public override string Normalize(string original) => Normalize(original.AsSpan());

    /// <inheritdoc/>
    public override string Normalize(ReadOnlySpan<char> original)
    {
        char[] cleanBuffer = ArrayPool<char>.Shared.Rent(original.Length * MostCharsPerChar);
        var clean = cleanBuffer.AsSpan(0, Clean(original, cleanBuffer));
        var words = new WordWriter(clean.Length * MostCharsPerChar + 2);
        for (int i = 0; i < clean.Length;)
        {
            char c = clean[i];
            if (char.IsAscii(c))
            {
                words.Append(lowerCase ? char.ToLowerInvariant(c) : c);
                i++;
                continue;
            }
            Rune.DecodeFromUtf16(clean[i..], out var rune, out int length);
            if (lowerCase)
                AppendLower(clean, i, rune, ref words);
            else
                words.Append(rune);
            i += length;
        }
        ArrayPool<char>.Shared.Return(cleanBuffer);
        return words.Finish();
    }

    /// <summary>Drops control, format and private characters, turns white space into blanks and sets ideographs apart.</summary>
    private static int Clean(ReadOnlySpan<char> text, Span<char> clean)
    {
        int n = 0;
        while (!text.IsEmpty)
        {
            char c = text[0];
            if (c is >= ' ' and < '\u007F')
            {
                clean[n++] = c;
                text = text[1..];
                continue;
            }
            var status = Rune.DecodeFromUtf16(text, out var rune, out int length);
            if (c is '\t' or '\n' or '\r')
            {
                clean[n++] = ' ';
            }
            else if (status == OperationStatus.Done && rune.Value != 0xFFFD && !IsDropped(Rune.GetUnicodeCategory(rune)))
            {
                if (Rune.IsWhiteSpace(rune))
                {
                    clean[n++] = ' ';
                }
                else if (IsIdeograph(c))
                {
                    clean[n++] = ' ';
                    clean[n++] = c;
                    clean[n++] = ' ';
                }
                else
                {
                    text[..length].CopyTo(clean[n..]);
                    n += length;
                }
            }
            text = text[length..];
        }
        return n;
    }

    private static bool IsDropped(UnicodeCategory category) =>
        category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate;

    /// <summary>The ideographs of the basic plane. The reference looks at UTF-16 units, so those beyond it stay in their word; we follow.</summary>
    private static bool IsIdeograph(char c) => c is (>= '\u4E00' and <= '\u9FFF') or (>= '\u3400' and <= '\u4DBF') or (>= '\uF900' and <= '\uFAFF');

    private static void AppendLower(ReadOnlySpan<char> text, int at, Rune rune, ref WordWriter words)
    {
        const int CapitalSigma = 0x03A3, CapitalDottedI = 0x0130, SmallSigma = 0x03C3, FinalSigma = 0x03C2;
        var lower = rune.Value switch
        {
            CapitalSigma => new Rune(FinalSigmaRule.Applies(text, at) ? FinalSigma : SmallSigma),
            // İ lower-cases into i and a dot above, and the dot is an accent.
            CapitalDottedI => new Rune('i'),
            _ => Rune.ToLowerInvariant(rune),
        };
        StrippedDecomposition.Append(lower, ref words);
    }

    /// <summary>Collects words with one space between them.</summary>
    internal ref struct WordWriter(int capacity)
    {
        private readonly char[] _buffer = ArrayPool<char>.Shared.Rent(capacity);
        private int _length;
        private int _wordStart;
        private int _wordRunes;

        public void Append(char c)
        {
            if (c == ' ')
            {
                EndWord();
            }
            else if (char.IsAscii(c) ? !char.IsAsciiLetterOrDigit(c) : char.IsPunctuation(c))
            {
                EndWord();
                Push(c);
                EndWord();
            }
            else
            {
                Push(c);
            }
        }

        public void Append(Rune rune)
        {
            if (rune.IsBmp)
            {
                Append((char)rune.Value);
                return;
            }
            bool isPunctuation = Rune.IsPunctuation(rune);
            if (isPunctuation)
                EndWord();
            _length += rune.EncodeToUtf16(_buffer.AsSpan(_length));
            _wordRunes++;
            if (isPunctuation)
                EndWord();
        }

        public string Finish()
        {
            EndWord();
            string text = new string(_buffer, 0, _length);
            ArrayPool<char>.Shared.Return(_buffer);
            return text;
        }

        private void Push(char c)
        {
            _buffer[_length++] = c;
            _wordRunes++;
        }

        private void EndWord()
        {
            if (_wordRunes == 0)
                return;
            if (_wordRunes > LongestWord)
            {
                _length = _wordStart;
                _buffer[_length++] = TooLong;
            }
            _buffer[_length++] = ' ';
            _wordStart = _length;
            _wordRunes = 0;
        }
    }
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Prometheus.Grid.Tests;
using Prometheus.Grid.Tests.Onnx;
using Prometheus.Grid.Text.Onnx.Tokenization;

namespace Prometheus.Grid.Text.Onnx.Tests;

/// <summary>Token ids are those of the reference tokenizer, to the last one.</summary>
public sealed class TokenizerTests
{
    private const int MaxTokens = 512;

    [Fact]
    public async Task Hard_strings_get_the_ids_of_the_reference()
    {
        var sequences = await MiniLmAsync();
        Assert.All(Reference.Read().Hard, hard => Assert.Equal(hard.Ids, Ids(sequences, hard.Text)));
    }

    [Fact]
    public async Task The_corpus_gets_the_ids_of_the_reference()
    {
        var texts = Corpus.Read(TestData.Path("corpus", "company_descriptions.csv.gz"));
        Assert.Equal(27_813, texts.Count);
        Assert.Equal(Reference.Read().Corpus, Digests(await MiniLmAsync(), texts));
    }

    [Fact]
    public async Task Every_character_of_the_basic_plane_gets_the_ids_of_the_reference()
    {
        var reference = Reference.Read();
        List<string> texts =
        [
            .. Enumerable.Range(0, 0x10000)
                .Where(point => !char.IsSurrogate((char)point) && !reference.Unicode17.Any(range => point >= range[0] && point <= range[1]))
                .Select(point => (char)point)
                .Select(c => $"ab{c}cd {c} {c}ef gh{c} ΑΣ{c} {c}Σ ΑΣ{c}Α Α{c}Σ é{c} {c}\u0301x"),
        ];
        Assert.Equal(reference.Sweep, Digests(await MiniLmAsync(), texts));
    }

    [Fact]
    public async Task Half_a_surrogate_pair_is_dropped() =>
        Assert.Equal(Ids(await SmallAsync(), "ab cd"), Ids(await SmallAsync(), "a\uD83Db c\uDCC8d"));

    [Fact]
    public async Task The_line_ends_of_a_vocabulary_change_no_token()
    {
        const string text = "Gold-insurance of HELLO world, caf\u00e9ing! [SEP] oil";
        Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "made"));
        var ids = new List<List<int>>();
        foreach (string end in (string[])["\n", "\r\n"])
        {
            string file = Path.Combine(AppContext.BaseDirectory, "made", $"lines-{end.Length}.txt");
            await File.WriteAllTextAsync(file, string.Concat(SmallVocabulary.Tokens.Select(token => token + end)), TestContext.Current.CancellationToken);
            ids.Add((await SentenceTokenizer.ReadAsync(file, lowerCase: true, TestContext.Current.CancellationToken)).Encode(text));
        }
        Assert.True(ids[0].Count > 10);
        Assert.Contains(Array.IndexOf(SmallVocabulary.Tokens, "[SEP]"), ids[0]);
        Assert.Equal(ids[0], ids[1]);
    }

    [Theory]
    [InlineData("one\ntwo\n", "special tokens are missing")]
    [InlineData("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\na\n", "a token occurs twice")]
    public async Task What_is_no_vocabulary_is_refused(string content, string _)
    {
        string file = Path.Combine(AppContext.BaseDirectory, $"{Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content)))}.txt");
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<Core.Errors.GridFaultException>(
            () => SentenceTokenizer.ReadAsync(file, lowerCase: true, TestContext.Current.CancellationToken));
        Assert.Contains($"{file} is not a BERT vocabulary", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cased_model_keeps_case_and_accents() => Assert.Equal("Müller & Söhne AG ", new BertNormalizer(lowerCase: false).Normalize("Müller&Söhne AG"));

    private static Task<Sequences> MiniLmAsync() => SequencesAsync(TestData.Path("minilm", "vocab.txt"));

    private static Task<Sequences> SmallAsync() => SequencesAsync(Path.Combine(SmallModel.Install("small-tokens", [], "{}").Folder!, "vocab.txt"));

    private static async Task<Sequences> SequencesAsync(string vocabulary)
    {
        var tokenizer = await SentenceTokenizer.ReadAsync(vocabulary, lowerCase: true, TestContext.Current.CancellationToken);
        var manifest = TransformerManifest.Read(SmallModel.Install("tokens", [], $$"""{ "max_tokens": {{MaxTokens}} }"""));
        return new Sequences(tokenizer, manifest);
    }

    private static int[] Ids(Sequences sequences, string text)
    {
        var result = new List<Sequence>();
        sequences.Add(text, default, result);
        return Assert.Single(result).Ids;
    }

    private static string[] Digests(Sequences sequences, List<string> texts)
    {
        string[][] chunks = [.. texts.Chunk(Reference.DigestSize)];
        string[] digests = new string[chunks.Length];
        Parallel.For(0, chunks.Length, chunk =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (string text in chunks[chunk])
            {
                int[] ids = Ids(sequences, text);
                hash.AppendData(MemoryMarshal.AsBytes<int>([ids.Length, .. ids]));
            }
            digests[chunk] = Convert.ToHexStringLower(hash.GetHashAndReset());
        });
        return digests;
    }
}

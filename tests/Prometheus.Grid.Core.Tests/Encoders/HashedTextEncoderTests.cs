using FsCheck;
using FsCheck.Fluent;
using Prometheus.Grid.Core.Encoders.Text;

namespace Prometheus.Grid.Core.Tests.Encoders;

/// <summary>Holds the fast encoder to the recipe written down as plainly as it reads.</summary>
public sealed class HashedTextEncoderTests
{
    private const int Dimension = 384;

    private static Arbitrary<string> Documents =>
        Gen.Elements("a", "Ab", "7", "wxyz", "steel", "steel ", " ", ".", "é", "中", "😀", "\0", "under_score", "tab\t", "abcdefghijklmnopqrstuvwxyz")
            .ArrayOf().Select(string.Concat).ToArbitrary();

    [Fact]
    public void Every_document_equals_the_plain_recipe() =>
        Prop.ForAll(Documents, document => Encode([document]).AsSpan().SequenceEqual(PlainRecipe(document)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithEndSize(200));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1024)]
    [InlineData(1001)]
    public void Any_dimension_divides_the_hashes(int dimension)
    {
        string document = string.Join(' ', Enumerable.Range(0, 500).Select(i => $"w{i % 83}"));
        Assert.Equal(PlainRecipe(document, dimension), Encode([document], dimension: dimension));
    }

    [Fact]
    public void A_long_document_outgrows_the_buffers_without_a_change()
    {
        string document = string.Join(' ', Enumerable.Range(0, 20_000).Select(i => $"w{i % 7919}"));
        Assert.Equal(PlainRecipe(document), Encode([document]));
    }

    [Fact]
    public void Words_that_are_forgotten_are_hashed_again()
    {
        var random = new Random(5);
        string Word() => string.Concat(Enumerable.Range(0, 9).Select(_ => (char)('a' + random.Next(26))));
        // Each has about 200,000 features, so that the second fills the memory and the third begins it anew.
        string[] documents = [.. Enumerable.Range(0, 3).Select(_ => string.Join(' ', Enumerable.Range(0, 12_000).Select(_ => Word()))), "steel steel works"];
        Assert.Equal(documents.SelectMany(document => PlainRecipe(document)), Encode(documents));
    }

    [Fact]
    public void Neighbours_and_workers_do_not_matter()
    {
        string[] documents = [.. Enumerable.Range(0, 300).Select(i => $"company {i} makes part {i * i} of engine {i % 7}")];
        float[] together = Encode(documents, workers: 8);
        Assert.Equal(documents.SelectMany(d => Encode([d])), together);
    }

    [Fact]
    public void A_document_without_a_token_has_a_zero_vector() => Assert.All(Encode(["… — ¿?"]), value => Assert.Equal(0, value));

    private static float[] Encode(string[] documents, int workers = 1, int dimension = Dimension)
    {
        float[] vectors = new float[documents.Length * dimension];
        new HashedTextEncoder(dimension, workers).EncodeAsync(documents, vectors, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        return vectors;
    }

    private static float[] PlainRecipe(string document, int dimension = Dimension)
    {
        var tokens = new List<string>();
        string token = "";
        foreach (char c in document + " ")
        {
            char lower = c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c;
            if (lower is (>= 'a' and <= 'z') or (>= '0' and <= '9'))
                token += lower;
            else if (token.Length > 0)
            {
                tokens.Add(token);
                token = "";
            }
        }

        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        void Count(string feature) => counts[feature] = counts.GetValueOrDefault(feature) + 1;
        for (int i = 0; i < tokens.Count; i++)
        {
            Count($"w:{tokens[i]}");
            if (i + 1 < tokens.Count)
                Count($"b:{tokens[i]} {tokens[i + 1]}");
            string bracketed = $"<{tokens[i]}>";
            for (int length = 3; length <= 5; length++)
            {
                for (int start = 0; start + length <= bracketed.Length; start++)
                    Count($"c:{bracketed.Substring(start, length)}");
            }
        }

        double[] sums = new double[dimension];
        foreach ((string feature, int count) in counts)
        {
            ulong hash = 14695981039346656037;
            foreach (char c in feature)
                hash = (hash ^ c) * 1099511628211;
            sums[hash % (ulong)dimension] += (hash >> 63 == 1 ? -1 : 1) * (1 + Math.Log(count));
        }
        double norm = Math.Sqrt(sums.Sum(sum => sum * sum));
        return [.. sums.Select(sum => norm == 0 ? 0f : (float)(sum / norm))];
    }
}

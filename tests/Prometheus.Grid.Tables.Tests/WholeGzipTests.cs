using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Tables.Tests;

public sealed class WholeGzipTests : IDisposable
{
    private static readonly byte[] s_text = Samples.Utf8(string.Join('\n', Enumerable.Range(0, 20_000)));
    private static readonly byte[] s_first = Samples.Gzip(s_text), s_second = Samples.Gzip(Samples.Utf8("tail\n"));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_member_is_read_and_padding_is_none()
    {
        Assert.Equal(s_text, Read(s_first));
        Assert.Equal([.. s_text, .. "tail\n"u8], Read([.. s_first, .. s_second]));
        Assert.Equal([.. "tail\n"u8, .. s_text], Read([.. s_second, .. s_first, .. new byte[700]]));
    }

    public static TheoryData<string> Spoiled => ["empty", "plain", "tail", "one byte", "long tail", "damaged member", "damaged byte", "cut header", "tail of NUL and more"];

    [Theory]
    [MemberData(nameof(Spoiled))]
    public void What_is_not_whole_is_refused(string how)
    {
        byte[] damagedSecond = [.. s_second], damaged = [.. s_first];
        damagedSecond[0] ^= 1;
        damaged[s_first.Length / 2] ^= 8;
        byte[] content = how switch
        {
            "empty" => [],
            "plain" => s_text,
            "tail" => [.. s_first, .. "I9,2024-01-02\n"u8],
            "one byte" => [.. s_first, (byte)'x'],
            "long tail" => [.. s_first, .. s_text],
            "damaged member" => [.. s_first, .. damagedSecond],
            "damaged byte" => damaged,
            "cut header" => [.. s_first, .. s_second[..5]],
            _ => [.. s_first, .. new byte[9], (byte)'x'],
        };
        var error = Assert.Throws<BadInputException>(() => Read(content));
        Assert.Contains("t.gz is", error.Message, StringComparison.Ordinal);
        Assert.Contains("a whole gzip file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_anywhere_is_refused()
    {
        byte[] whole = [.. Samples.Gzip(Samples.Utf8(Samples.Prices)), .. s_second];
        int boundary = whole.Length - s_second.Length;
        for (int length = 0; length < whole.Length; length++)
        {
            if (length != boundary)
                Assert.Throws<BadInputException>(() => Read(whole[..length]));
        }
    }

    private byte[] Read(byte[] content)
    {
        var file = new InputFile(_folder.With("t.gz", content));
        using var raw = file.OpenRaw(out _);
        using var text = InputFile.Text(raw, file.Path);
        using var all = new MemoryStream();
        text.CopyTo(all);
        return all.ToArray();
    }
}

using System.Text;

namespace Prometheus.Grid.Tables.Tests;

/// <summary>Spoils bytes as editors, transfers and other tools do.</summary>
internal static class Spoiler
{
    private static readonly byte[] s_interesting = [.. "\",\n\r.-0eE;:{}[]\\ \t"u8, 0, 0x1B, 0x7F, 0xFF, 0xC3, 0xE9];

    /// <summary>A copy with one to three edits.</summary>
    public static byte[] Spoil(Random random, byte[] sound)
    {
        List<byte> text = [.. sound];
        for (int edit = random.Next(1, 4); edit > 0 && text.Count > 0; edit--)
        {
            int at = random.Next(text.Count), length = Math.Min(random.Next(1, 30), text.Count - at);
            switch (random.Next(10))
            {
                case 0:
                    text.RemoveRange(at, length);
                    break;
                case 1:
                    text.InsertRange(at, text.GetRange(at, length));
                    break;
                case 2:
                    text.RemoveRange(at, text.Count - at);
                    break;
                case 3:
                    text.InsertRange(0, [0xEF, 0xBB, 0xBF]);
                    break;
                case 4:
                    text = [.. Encoding.UTF8.GetBytes(Encoding.UTF8.GetString([.. text]).Replace("\n", random.Next(2) == 0 ? "\r\n" : "\r", StringComparison.Ordinal))];
                    break;
                case 5:
                    text = [.. (random.Next(2) == 0 ? Encoding.Latin1 : Encoding.Unicode).GetBytes(Encoding.UTF8.GetString([.. text]))];
                    break;
                case 6:
                    text.Insert(at, s_interesting[random.Next(s_interesting.Length)]);
                    break;
                case 7:
                    text.RemoveAt(at);
                    break;
                default:
                    text[at] = random.Next(2) == 0 ? (byte)random.Next(256) : s_interesting[random.Next(s_interesting.Length)];
                    break;
            }
        }
        return [.. text];
    }
}

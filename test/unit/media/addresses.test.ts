import { describe, expect, it } from "vitest";
import { type Reach, reachOf } from "../../../src/media/addresses.ts";

/** First and last address of every special range, and their neighbours outside. */
const ranges: ReadonlyArray<readonly [what: string, reach: Reach, addresses: string]> = [
  ["this network", "never", "0.0.0.0 0.255.255.255"],
  ["private, class A", "private", "10.0.0.0 10.255.255.255"],
  ["private, class B", "private", "172.16.0.0 172.31.255.255"],
  ["private, class C", "private", "192.168.0.0 192.168.255.255"],
  ["shared (carriers, pods)", "private", "100.64.0.0 100.127.255.255"],
  ["loopback", "private", "127.0.0.1 127.0.0.53 127.255.255.255 ::1"],
  ["link-local", "never", "169.254.0.0 169.254.255.255 fe80:: fe80::1 febf::1"],
  ["protocol assignments", "never", "192.0.0.0 192.0.0.192 192.0.0.255 2001::1 2001:1ff:ffff::"],
  ["documentation", "never", "192.0.2.1 198.51.100.1 203.0.113.255 2001:db8::1 3fff::1 3fff:fff:ffff::"],
  ["AS112 and AMT", "never", "192.31.196.1 192.52.193.1 192.175.48.1"],
  ["6to4", "never", "192.88.99.1 2002::1 2002:7f00:1::1 2002:0a00:0001::"],
  ["benchmarks", "never", "198.18.0.0 198.19.255.255"],
  ["multicast", "never", "224.0.0.1 239.255.255.255 ff00:: ff02::1 ff0e::1"],
  ["reserved", "never", "240.0.0.0 255.255.255.254"],
  ["broadcast", "never", "255.255.255.255"],
  ["unspecified", "never", "::"],
  ["unique local", "private", "fc00:: fd00::1 fdff:ffff::"],
  ["site-local", "never", "fec0::1 feff::1"],
  ["mapped IPv4", "never", "::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:a9fe:a9fe ::ffff:0:0"],
  ["translated IPv4", "never", "::ffff:0:10.0.0.1"],
  ["compatible IPv4", "never", "::8.8.8.8 ::127.0.0.1 ::a00:1"],
  ["NAT64", "never", "64:ff9b::8.8.8.8 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1"],
  ["discard", "never", "100::1"],
  ["segment routing", "never", "5f00::1"],
  ["beyond global unicast", "never", "1fff:ffff:: 4000:: 8000::"],
  ["metadata of AWS, Google, Azure, Alibaba, Oracle", "never", "169.254.169.254 169.254.170.2"],
  ["metadata at other addresses", "never", "fd00:ec2::254 fd20:ce::254 168.63.129.16 100.100.100.200"],
  ["no address", "never", "localhost 127.1 0x7f000001 2130706433 256.1.1.1 [::1] fe80::1%eth0 1.2.3"],
  ["public IPv4", "public", "1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255"],
  ["public IPv4, between", "public", "128.0.0.0 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0"],
  ["public IPv4, further", "public", "192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0"],
  ["public IPv4, at the end", "public", "203.0.112.255 203.0.114.0 223.255.255.255 168.63.129.17"],
  ["public IPv6", "public", "2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111 3ffe::1 3fff:1000::"],
];

describe.each(ranges)("%s is %s", (_, reach, addresses) => {
  it.each(addresses.split(" "))("%s", (address) => {
    expect(reachOf(address)).toBe(reach);
  });
});
